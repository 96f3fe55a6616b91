#include "tests/practice/ledger.h"

#include <algorithm>

namespace totpilot::practice {

int Ledger::submits(Purpose purpose) const {
  return static_cast<int>(std::ranges::count(codes, purpose, &CodeSubmit::purpose));
}

int Ledger::submits(Purpose purpose, CodeVerdict verdict) const {
  return static_cast<int>(std::ranges::count_if(
      codes, [=](const CodeSubmit& one) { return one.purpose == purpose && one.verdict == verdict; }));
}

}  // namespace totpilot::practice

#pragma once
// Verify: goes over every chain and says where it breaks. Blocking; any thread.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "agent/base/secret.h"
#include "agent/store/store.h"

namespace totpilot::audit {

/// Where a chain is not as it was written.
struct Break {
  std::string writer;         // empty: of no chain
  std::int64_t sequence = 0;  // of the first record that is meant; 0: none
  std::string what;
};

struct Verdict {
  std::int64_t records = 0;
  std::int64_t chains = 0;
  std::int64_t checkpoints = 0;  // that were compared, from all places
  std::vector<Break> breaks;     // the first hundred
  bool whole() const { return breaks.empty(); }
};

/// `stream`: a file that the records were also written to; empty: none.
Verdict verify(store::Store& store, const Secret& key, const std::filesystem::path& stream);

}  // namespace totpilot::audit

// Feeds the readers of keys and URIs with anything. Beyond not crashing: what was read is printed and read back to the
// same, and an error never quotes a long run of the input, which may be a key.
#include <cstdlib>
#include <string>
#include <string_view>

#include "agent/totp/base32.h"
#include "agent/totp/code.h"
#include "agent/totp/migration.h"
#include "agent/totp/otpauth.h"

namespace {

using namespace totpilot;
using namespace totpilot::totp;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_round_trip(const OtpAuth& read) {
  const Secret printed = print_otpauth(read);
  const auto again = parse_otpauth(printed.reveal());
  if (printed.size() > 8 * 1024) return;  // escaping made it longer than what is taken
  require(again.has_value());
  require(again->key.same_as(read.key) && again->parameters == read.parameters);
  require(again->issuer == read.issuer && again->account == read.account && again->vendor == read.vendor);
  require(code_at(read.key, read.parameters, from_millis(1'790'000'000'000)).size() ==
          static_cast<std::size_t>(read.parameters.digits));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto key = base32_decode(text)) {
    const auto back = base32_decode(base32_encode(*key).reveal());
    require(back && back->same_as(*key));
  }
  if (const auto uri = parse_otpauth(text)) check_round_trip(*uri);
  // The same, past the beginning that a fuzzer finds only slowly.
  if (const auto uri = parse_otpauth("otpauth://totp/" + std::string(text))) check_round_trip(*uri);
  static_cast<void>(parse_migration("otpauth-migration://offline?data=" + std::string(text)));
  return 0;
}

#pragma once
// Ids: UUIDv7 (RFC 9562 section 5.7) behind a prefix that says what it names, each kind a type of its own.
#include <compare>
#include <string>
#include <string_view>

#include "agent/base/clock.h"

namespace totpilot {

/// A fresh UUIDv7 in its text form; random part from the kernel.
std::string make_uuid7(TimePoint now);
bool is_uuid(std::string_view text);

template <class Tag>
class Id {
 public:
  Id() = default;
  static Id make(TimePoint now) { return Id(std::string(Tag::kPrefix) + make_uuid7(now)); }
  /// Takes what a database or a caller holds, unchecked but for the prefix; see looks_right().
  static Id from(std::string text) { return Id(std::move(text)); }
  static bool looks_right(std::string_view text) {
    return text.starts_with(Tag::kPrefix) && is_uuid(text.substr(Tag::kPrefix.size()));
  }
  const std::string& str() const { return text_; }
  bool empty() const { return text_.empty(); }
  auto operator<=>(const Id&) const = default;

 private:
  explicit Id(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

#define TOTPILOT_ID(name, prefix)                       \
  struct name##Tag {                                    \
    static constexpr std::string_view kPrefix = prefix; \
  };                                                    \
  using name = Id<name##Tag>

TOTPILOT_ID(AccountId, "acc_");
TOTPILOT_ID(FactorId, "fac_");
TOTPILOT_ID(RecoveryCodeId, "rec_");
TOTPILOT_ID(EnrollmentId, "enr_");
TOTPILOT_ID(JobId, "job_");
TOTPILOT_ID(SessionId, "ses_");
TOTPILOT_ID(KeyId, "key_");
TOTPILOT_ID(WorkerId, "wrk_");
#undef TOTPILOT_ID

}  // namespace totpilot

#pragma once
// Ids: UUIDv7 (RFC 9562 section 5.7) behind a prefix that says what it names, each kind a type of its own.
#include <compare>
#include <string>
#include <string_view>
#include <utility>

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

struct AccountIdTag {
  static constexpr std::string_view kPrefix = "acc_";
};
using AccountId = Id<AccountIdTag>;

struct FactorIdTag {
  static constexpr std::string_view kPrefix = "fac_";
};
using FactorId = Id<FactorIdTag>;

struct RecoveryCodeIdTag {
  static constexpr std::string_view kPrefix = "rec_";
};
using RecoveryCodeId = Id<RecoveryCodeIdTag>;

struct EnrollmentIdTag {
  static constexpr std::string_view kPrefix = "enr_";
};
using EnrollmentId = Id<EnrollmentIdTag>;

struct JobIdTag {
  static constexpr std::string_view kPrefix = "job_";
};
using JobId = Id<JobIdTag>;

struct SessionIdTag {
  static constexpr std::string_view kPrefix = "ses_";
};
using SessionId = Id<SessionIdTag>;

struct KeyIdTag {
  static constexpr std::string_view kPrefix = "key_";
};
using KeyId = Id<KeyIdTag>;

struct WorkerIdTag {
  static constexpr std::string_view kPrefix = "wrk_";
};
using WorkerId = Id<WorkerIdTag>;

}  // namespace totpilot

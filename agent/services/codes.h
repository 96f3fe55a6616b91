#pragma once
// Codes that are handed to people and jobs: one-time codes of the factor in use, and the saved recovery codes.
#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "agent/base/async.h"
#include "agent/base/clock.h"
#include "agent/base/deadline.h"
#include "agent/base/id.h"
#include "agent/base/secret.h"
#include "agent/services/progress.h"

namespace totpilot::services {

class House;

enum class Freshness {
  kNow,    // the code of this moment, as an authenticator app shows it; its window is marked shown
  kFresh,  // of a window that nobody has used or seen, reserved for the caller; waits for it
};

struct GetCode {
  std::string account;
  Freshness freshness = Freshness::kNow;
  std::string by{};  // who takes it, for the ledger; empty: this process
};

struct CodeView {
  std::string account;
  FactorId factor;
  Secret code;
  std::chrono::milliseconds valid_for{0};
  TimePoint next;  // when the next window starts, by our clock
  std::chrono::seconds period{30};
  bool proven = true;         // false: the factor is confirmed, no login has proven it yet
  bool self_managed = false;  // the account has no playbook: no run of ours can prove it
  /// Who else has this code, which most apps take once.
  enum class Standing {
    kFree,
    kReserved,   // a run is about to use it
    kSent,       // a run has sent it to the app
    kHandedOut,  // it was given out as a fresh one, to be used by whoever asked
    kOvertaken,  // nobody, but a later one was used
  };
  Standing standing = Standing::kFree;
  std::optional<TimePoint> next_free;  // unless kFree: when the next code that nobody has starts
  std::chrono::milliseconds next_free_in{0};
};

nlohmann::ordered_json to_json(const CodeView& code);

/// code.get. not_found when the account has no factor in use. With kFresh a wait is told to the listener beforehand.
task<CodeView> get_code(House& house, GetCode request, Deadline deadline, ProgressListener& listener);

struct RecoveryCodeView {
  RecoveryCodeId id;
  int position = 0;
  std::string state;           // "unused", "used", "replaced"
  std::optional<Secret> code;  // only where asked for
  std::optional<TimePoint> used;
  std::string used_by;
};

struct RecoveryCodesView {
  std::string account;
  int unused = 0;
  bool may_be_void = false;  // the app was asked for new ones, and none came: these may open nothing any more
  std::vector<RecoveryCodeView> codes;
};

enum class Reveal { kMasked, kRevealed };

nlohmann::ordered_json to_json(const RecoveryCodesView& codes);

struct ListRecoveryCodes {
  std::string account;
  Reveal reveal = Reveal::kMasked;
  bool all = false;  // also those that the app has replaced
};

/// recovery_codes.list and, revealed, recovery_codes.show.
task<RecoveryCodesView> list_recovery_codes(House& house, ListRecoveryCodes request);

struct UseRecoveryCode {
  std::string account;
  std::string by;  // who takes it, for the record
};

struct UsedRecoveryCode {
  std::string account;
  int position = 0;
  Secret code;
  int left = 0;
  bool may_be_void = false;  // as in RecoveryCodesView
};

nlohmann::ordered_json to_json(const UsedRecoveryCode& used);

/// recovery_codes.use: gives the next unused code and marks it used before it is handed out. not_found when none is
/// left.
task<UsedRecoveryCode> use_recovery_code(House& house, UseRecoveryCode request);

}  // namespace totpilot::services

#pragma once
// The mission flows: what a job does with an account in a browser. Each is one coroutine on the browser io_context,
// ends with a result or a thrown Failure, and leaves the account's enrollment in a state that `recover` can settle,
// wherever it is cut off.
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/base/async.h"
#include "agent/base/clock.h"
#include "agent/base/id.h"
#include "agent/base/secret.h"
#include "agent/browser/browser_port.h"
#include "agent/flow/progress.h"
#include "agent/playbook/ast.h"
#include "agent/store/rows.h"

namespace totpilot::store {
class Store;
}
namespace totpilot::vault {
class Vault;
}

namespace totpilot::flow {

/// The claim on a job: every write of the flow is fenced by it.
struct JobLease {
  JobId job;
  std::int64_t generation = 0;
};

/// The texts of all QR codes in a PNG; empty when there are none. A picture that hangs the decoder costs its time
/// limit, not the run.
using QrReader = std::function<task<std::vector<Secret>>(Secret png, Deadline deadline)>;

/// Makes a playbook of a text kept with an earlier job; throws playbook_invalid.
using PlaybookReader =
    std::function<std::shared_ptr<const playbook::Playbook>(const std::string& text, const std::string& file)>;

/// Asks a person for a value ("the code that the app sent by e-mail") and waits for it; needs_input when nobody gives
/// it in time.
using Asker = std::function<task<Secret>(std::string what)>;

struct Limits {
  std::chrono::milliseconds step{15'000};        // a step without a timeout of its own
  std::chrono::milliseconds glance{1'500};       // how long an optional thing is looked for
  std::chrono::milliseconds close{3'000};        // to close a browser in order
  std::chrono::milliseconds evidence{5'000};     // to take pictures of a failure
  std::chrono::milliseconds skew_limit{90'000};  // a larger difference of the clocks is not corrected but refused
  std::uintmax_t free_disk = 64ULL << 20U;       // enroll does not start with less
};

/// Everything a flow works with. Made by the worker; outlives the flow's coroutine.
struct FlowContext {
  browser::BrowserPort& browsers;
  store::Store& store;
  vault::Vault& vault;
  Clock& clock;
  boost::asio::thread_pool& pool;  // for what blocks: SQL, sealing, files
  QrReader read_qr;
  PlaybookReader read_playbook;
  ProgressListener& progress;
  std::shared_ptr<const playbook::Playbook> playbook;
  store::AccountRow account;
  JobLease lease;
  std::filesystem::path report_directory;  // reports/<job>; empty: no report is kept
  Deadline deadline;                       // of the whole job
  Limits limits = {};
  std::string device_name = "totpilot";  // {device_name} in fills
  Asker ask = {};                        // empty: there is nobody to ask
};

/// What the MFA page says.
enum class MfaState { kOff, kOn, kOtherMethod, kNotOffered };
std::string_view mfa_state_name(MfaState state);

enum class SettleFirst { kYes, kNo };

struct LoginOptions {
  SettleFirst settle_first = SettleFirst::kYes;  // recover what an earlier crash left of this account before
};

struct LoginResult {
  Secret state;  // the session as Playwright's storage state (JSON)
  bool code_asked = false;
  FactorId factor;                                // whose code was taken; empty when none was asked
  std::optional<std::chrono::milliseconds> skew;  // the app's clock minus ours, where measured
};

struct EnrollOptions {
  bool accept_rotate = false;  // go on although opening the setup page replaces a live secret (facts.pending_secret)
};

struct EnrollResult {
  bool already_on = false;  // with the kept secret, which signed in; `enrollment` is the one it came from, if any
  EnrollmentId enrollment;
  FactorId factor;
  std::string source;      // where the secret was read: "text+qr"
  int recovery_codes = 0;  // saved; unused where MFA was on already
  bool codes_missing =
      false;  // the app has some, and they could not be read: outcome recovery_codes_not_saved, MFA is on and proven
};

struct ProveResult {
  FactorId factor;
};

struct DisableResult {
  FactorId superseded;  // kept, no longer used; empty when MFA was off already
};

struct CodesResult {
  int saved = 0;
};

struct CheckResult {
  MfaState mfa = MfaState::kOff;
  bool secret_works = false;  // the app asked for a code and took ours
  FactorId factor;
  std::optional<std::chrono::milliseconds> skew;
};

/// How one enrollment that a crash left open was settled.
struct Settled {
  EnrollmentId enrollment;
  std::string from_state;
  std::string to_state;  // "active", "failed_safe", "needs_human", "uncertain"
  Outcome outcome = Outcome::kOk;
  std::string message;
};

struct RecoverResult {
  std::vector<Settled> settled;  // empty: nothing was open
};

/// Signs in with the stored password and, when asked, a code; gives the session.
/// bad_credentials, code_rejected, locked_out, captcha, rate_limited, page_changed, clock_skew, ...
task<LoginResult> login(FlowContext& context, LoginOptions options = {});

/// Turns MFA on and proves it by a fresh login; where it is on with the kept secret, says so and changes nothing. Never
/// leaves the app with a secret that is not durably ours. mfa_already_on, other_method_on, totp_not_offered,
/// secret_not_found, secret_mismatch, uncertain, proof_failed, ...
task<EnrollResult> enroll(FlowContext& context, EnrollOptions options = {});

/// Signs in in a fresh browser with a code made from what the vault gives back, and marks the factor live.
task<ProveResult> prove(FlowContext& context, AccountId account);

/// Turns MFA off; the factor and the recovery codes are kept as superseded and replaced.
task<DisableResult> disable(FlowContext& context);

/// Lets the app make new recovery codes, and keeps them. The old ones are marked replaced.
task<CodesResult> regenerate_recovery_codes(FlowContext& context);

/// Is MFA still on, and is our secret still right? Signs in, touches nothing.
task<CheckResult> check(FlowContext& context);

/// Settles what crashes left of this account by asking the app; never submits on a setup page.
/// Does not throw for an app that cannot be reached: the enrollment stays uncertain, and says so.
task<RecoverResult> recover(FlowContext& context);

}  // namespace totpilot::flow

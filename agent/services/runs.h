#pragma once
// Runs: what needs a browser. Each is one job: queued, claimed, run, and ended in the store whatever happens. Progress
// goes to the listener given; steps are in the response too, also in that of a failure (RunFailed).
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "agent/base/async.h"
#include "agent/base/failure.h"
#include "agent/base/id.h"
#include "agent/base/secret.h"
#include "agent/services/progress.h"

namespace totpilot::services {

class House;
struct JobFrame;

/// One step as it went.
struct StepView {
  std::string number;
  std::string name;
  std::chrono::milliseconds duration{0};
  Outcome result = Outcome::kOk;
  bool skipped = false;
  std::string message;
};

/// What every run has.
struct RunView {
  JobId job;
  std::string account;
  std::string report_directory;  // empty: none was kept
  std::chrono::milliseconds duration{0};
  std::vector<StepView> steps;
};

nlohmann::ordered_json to_json(const RunView& run);

/// The failure of a run, with what is known of the run.
class RunFailed final : public Failure {
 public:
  RunFailed(const Failure& failure, RunView run) : Failure(failure), run_(std::move(run)) {}
  const RunView& run() const { return run_; }

 private:
  RunView run_;
};

struct Enroll {
  std::string account;
  bool accept_rotate = false;  // go on although opening the setup page replaces a live secret
};

struct Enrolled {
  RunView run;
  bool already_on = false;  // with the secret kept here, which was just taken: there was nothing to do
  EnrollmentId enrollment;
  FactorId factor;
  std::string source;
  int recovery_codes = 0;      // saved; unused where MFA was on already
  bool codes_missing = false;  // MFA is on and proven, but the app's recovery codes could not be read
};

struct Login {
  std::string account;
};

struct LoggedIn {
  RunView run;
  Secret state;  // Playwright's storage state
  bool code_asked = false;
  FactorId factor;
  std::optional<std::chrono::milliseconds> skew;
};

struct Disable {
  std::string account;
};

struct Disabled {
  RunView run;
  FactorId superseded;  // empty: MFA was off already
};

struct Check {
  std::string account;
};

struct Checked {
  RunView run;
  std::string mfa;  // "off", "on", "other_method", "not_offered"
  bool secret_works = false;
  FactorId factor;
  std::optional<std::chrono::milliseconds> skew;
};

struct Recover {
  std::string account;  // empty: every account with an open enrollment
};

struct SettledView {
  std::string account;
  EnrollmentId enrollment;
  std::string from_state;
  std::string to_state;
  Outcome outcome = Outcome::kOk;
  std::string message;
};

struct Recovered {
  std::vector<SettledView> settled;
  std::vector<SettledView> failed;  // accounts whose run itself failed; to_state is empty
};

struct RegenerateCodes {
  std::string account;
};

struct RegeneratedCodes {
  RunView run;
  int saved = 0;
};

nlohmann::ordered_json to_json(const Enrolled& result);
/// Without the session: the caller takes `state` where it was asked for.
nlohmann::ordered_json to_json(const LoggedIn& result);
nlohmann::ordered_json to_json(const Disabled& result);
nlohmann::ordered_json to_json(const Checked& result);
nlohmann::ordered_json to_json(const Recovered& result);
nlohmann::ordered_json to_json(const RegeneratedCodes& result);

// Without a `job` that was claimed from the queue, each makes its own and ends it.

/// run.enroll: turns MFA on and proves it.
task<Enrolled> enroll(House& house, Enroll request, ProgressListener& listener, const JobFrame* job = nullptr);
/// run.login: signs in, with a code where the app asks for one.
task<LoggedIn> login(House& house, Login request, ProgressListener& listener, const JobFrame* job = nullptr);
/// run.disable: turns MFA off; secrets are kept.
task<Disabled> disable(House& house, Disable request, ProgressListener& listener, const JobFrame* job = nullptr);
/// run.check: is MFA on, and is our secret right? Changes nothing.
task<Checked> check(House& house, Check request, ProgressListener& listener, const JobFrame* job = nullptr);
/// run.recover: settles what crashes left open.
task<Recovered> recover(House& house, Recover request, ProgressListener& listener, const JobFrame* job = nullptr);
/// run.recovery_codes: lets the app make new recovery codes.
task<RegeneratedCodes> regenerate_codes(House& house, RegenerateCodes request, ProgressListener& listener,
                                        const JobFrame* job = nullptr);

}  // namespace totpilot::services

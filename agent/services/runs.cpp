#include "agent/services/runs.h"

#include "agent/services/rows.h"
#include "agent/services/run_flow.h"
#include "agent/store/sessions.h"

namespace totpilot::services {
namespace {

nlohmann::ordered_json json_skew(const std::optional<std::chrono::milliseconds>& skew) {
  return skew ? nlohmann::ordered_json(skew->count()) : nlohmann::ordered_json();
}

/// The run's members first, then the result's own.
nlohmann::ordered_json with_run(const RunView& run, nlohmann::ordered_json own) {
  nlohmann::ordered_json whole = to_json(run);
  whole.update(own);
  return whole;
}

/// The newest session of the account is kept, sealed; older ones go.
void keep_session(House& house, const AccountId& account, const Secret& state) {
  store::SessionRow row;
  row.created = house.clock().now();
  row.id = SessionId::make(row.created);
  row.account = account;
  row.sealed_state = house.vault().seal(vault::session_context(row.id), state);
  house.store().write([&](store::WriteTransaction& transaction) {
    store::insert_session(transaction, row);
    store::delete_sessions(transaction, account, 1);
  });
}

nlohmann::ordered_json to_json(const SettledView& settled) {
  return {
      {"account", settled.account},   {"enrollment", json_id(settled.enrollment)}, {"from_state", settled.from_state},
      {"to_state", settled.to_state}, {"outcome", outcome_name(settled.outcome)},  {"message", settled.message}};
}

/// A flow's work as run_flow wants it: the result is kept where the caller looks for it.
template <class T>
task<void> into(T& result, task<T> work) {
  result = co_await std::move(work);
}

task<void> recover_one(House& house, std::string account, ProgressListener& listener, const JobFrame* job,
                       Recovered& all) {
  std::optional<Failure> failure;
  try {
    const Prepared prepared = co_await prepare_recovery(house, account);
    flow::RecoverResult result;
    RunView run;
    co_await run_flow(house, prepared, {"recover", listener, job}, run,
                      [&](flow::FlowContext& context) { return into(result, flow::recover(context)); });
    for (auto& one : result.settled)
      all.settled.push_back(
          {prepared.account.name, one.enrollment, one.from_state, one.to_state, one.outcome, one.message});
  } catch (const Failure& error) {
    failure = error;
  }
  if (failure) all.failed.push_back({account, EnrollmentId(), "", "", failure->code(), failure->message()});
}

}  // namespace

nlohmann::ordered_json to_json(const RunView& run) {
  nlohmann::ordered_json steps = nlohmann::ordered_json::array();
  for (const auto& step : run.steps)
    steps.push_back({{"number", step.number},
                     {"name", step.name},
                     {"duration_ms", step.duration.count()},
                     {"result", step.skipped ? "skipped" : outcome_name(step.result)},
                     {"message", step.message}});
  return {{"account", run.account},
          {"job", json_id(run.job)},
          {"report",
           run.report_directory.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(run.report_directory)},
          {"duration_ms", run.duration.count()},
          {"steps", std::move(steps)}};
}

nlohmann::ordered_json to_json(const Enrolled& result) {
  return with_run(result.run, {{"already_on", result.already_on},
                               {"enrollment", json_id(result.enrollment)},
                               {"factor", json_id(result.factor)},
                               {"source", result.source},
                               {"recovery_codes", result.recovery_codes},
                               {"codes_missing", result.codes_missing}});
}

nlohmann::ordered_json to_json(const LoggedIn& result) {
  return with_run(
      result.run,
      {{"code_asked", result.code_asked}, {"factor", json_id(result.factor)}, {"skew_ms", json_skew(result.skew)}});
}

nlohmann::ordered_json to_json(const Disabled& result) {
  return with_run(result.run, {{"superseded", json_id(result.superseded)}});
}

nlohmann::ordered_json to_json(const Checked& result) {
  return with_run(result.run, {{"mfa", result.mfa},
                               {"secret_works", result.secret_works},
                               {"factor", json_id(result.factor)},
                               {"skew_ms", json_skew(result.skew)}});
}

nlohmann::ordered_json to_json(const Recovered& result) {
  nlohmann::ordered_json settled = nlohmann::ordered_json::array();
  nlohmann::ordered_json failed = nlohmann::ordered_json::array();
  for (const auto& one : result.settled) settled.push_back(to_json(one));
  for (const auto& one : result.failed) failed.push_back(to_json(one));
  return {{"settled", std::move(settled)}, {"failed", std::move(failed)}};
}

nlohmann::ordered_json to_json(const RegeneratedCodes& result) {
  return with_run(result.run, {{"recovery_codes", result.saved}});
}

task<Enrolled> enroll(House& house, Enroll request, ProgressListener& listener, const JobFrame* job) {
  const Prepared prepared = co_await prepare(house, "enroll", request.account);
  Enrolled result;
  flow::EnrollResult done;
  const flow::EnrollOptions options{.accept_rotate = request.accept_rotate};
  co_await run_flow(house, prepared, {"enroll", listener, job}, result.run,
                    [&](flow::FlowContext& context) { return into(done, flow::enroll(context, options)); });
  result.already_on = done.already_on;
  result.enrollment = done.enrollment;
  result.factor = done.factor;
  result.source = done.source;
  result.recovery_codes = done.recovery_codes;
  result.codes_missing = done.codes_missing;
  co_return result;
}

namespace {

/// The session is kept while the job still stands: one that cannot be kept fails the run.
task<void> login_and_keep(flow::FlowContext& context, House& house, LoggedIn& result) {
  flow::LoginResult done = co_await flow::login(context);
  result.code_asked = done.code_asked;
  result.factor = done.factor;
  result.skew = done.skew;
  result.state = std::move(done.state);
  co_await house.blocking([&] { keep_session(house, context.account.id, result.state); });
}

}  // namespace

task<LoggedIn> login(House& house, Login request, ProgressListener& listener, const JobFrame* job) {
  const Prepared prepared = co_await prepare(house, "login", request.account);
  LoggedIn result;
  co_await run_flow(house, prepared, {"login", listener, job}, result.run,
                    [&](flow::FlowContext& context) { return login_and_keep(context, house, result); });
  co_return result;
}

task<Disabled> disable(House& house, Disable request, ProgressListener& listener, const JobFrame* job) {
  const Prepared prepared = co_await prepare(house, "disable", request.account);
  Disabled result;
  flow::DisableResult done;
  co_await run_flow(house, prepared, {"disable", listener, job}, result.run,
                    [&](flow::FlowContext& context) { return into(done, flow::disable(context)); });
  result.superseded = done.superseded;
  co_return result;
}

namespace {

/// The clocks are out of question here: the flow compared them and tried again.
RunFailed stale_secret(const RunFailed& failed) {
  Failure said(
      failed.code(), failed.message(),
      "the secret kept here is not the app's: it was set up anew elsewhere, or an older backup was restored. "
      "Nothing was changed. A newer key may be among the escrow copies (totpilot factor list ACCOUNT --escrow, "
      "totpilot factor import ACCOUNT --from-escrow FACTOR) or in a later backup; else sign in with a recovery "
      "code (totpilot recovery-codes ACCOUNT), turn MFA off in the app, and totpilot enroll ACCOUNT");
  return {failed.position() ? std::move(said).at(*failed.position()) : std::move(said), failed.run()};
}

task<Checked> check_prepared(House& house, const Prepared& prepared, ProgressListener& listener, const JobFrame* job) {
  Checked result;
  flow::CheckResult done;
  co_await run_flow(house, prepared, {"check", listener, job}, result.run,
                    [&](flow::FlowContext& context) { return into(done, flow::check(context)); });
  result.mfa = flow::mfa_state_name(done.mfa);
  result.secret_works = done.secret_works;
  result.factor = done.factor;
  result.skew = done.skew;
  co_return result;
}

}  // namespace

task<Checked> check(House& house, Check request, ProgressListener& listener, const JobFrame* job) {
  const Prepared prepared = co_await prepare(house, "check", request.account);
  try {
    co_return co_await check_prepared(house, prepared, listener, job);
  } catch (const RunFailed& failed) {
    if (failed.code() == Outcome::kCodeRejected) throw stale_secret(failed);
    throw;
  }
}

task<RegeneratedCodes> regenerate_codes(House& house, RegenerateCodes request, ProgressListener& listener,
                                        const JobFrame* job) {
  const Prepared prepared = co_await prepare(house, "recovery_codes", request.account);
  RegeneratedCodes result;
  flow::CodesResult done;
  co_await run_flow(house, prepared, {"recovery_codes", listener, job}, result.run,
                    [&](flow::FlowContext& context) { return into(done, flow::regenerate_recovery_codes(context)); });
  result.saved = done.saved;
  co_return result;
}

task<Recovered> recover(House& house, Recover request, ProgressListener& listener, const JobFrame* job) {
  co_await house.open_store();
  std::vector<std::string> accounts = house.interrupted_accounts();
  if (!request.account.empty())
    accounts = {co_await house.blocking([&] { return read_account(house.store(), request.account).name; })};
  Recovered all;
  for (const std::string& account : accounts) co_await recover_one(house, account, listener, job, all);
  co_return all;
}

}  // namespace totpilot::services

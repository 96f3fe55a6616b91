#include "agent/services/queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "agent/services/form.h"
#include "agent/services/house.h"
#include "agent/services/rows.h"
#include "agent/services/run_flow.h"
#include "agent/store/job_turns.h"
#include "agent/store/sessions.h"
#include "agent/vault/seal_context.h"

namespace totpilot::services {
namespace {

using store::JobState;

struct KindName {
  std::string_view kind;
  std::string_view operation;
};
constexpr std::array kKinds = {
    KindName{"check", "run.check"},     KindName{"disable", "run.disable"},
    KindName{"enroll", "run.enroll"},   KindName{"login", "run.login"},
    KindName{"recover", "run.recover"}, KindName{"recovery_codes", "recovery_codes.new"},
};

constexpr std::array kStates = {JobState::kQueued, JobState::kRunning,   JobState::kDone,
                                JobState::kFailed, JobState::kCancelled, JobState::kNeedsInput};

constexpr int kMostPriority = 100;
constexpr std::size_t kLongestKey = 200;
constexpr int kLongestPage = 500;

Failure no_such_job(const std::string& id) {
  return Failure(Outcome::kNotFound, fmt::format("there is no job {}", id), "look at what there is: job.list");
}

store::JobRow require_job(store::ReadTransaction& transaction, const std::string& id) {
  auto job = store::find_job(transaction, JobId::from(id));
  if (!job) throw no_such_job(id);
  return *std::move(job);
}

JobState state_of(const std::string& name) {
  const auto* found = std::ranges::find(kStates, name, store::job_state_name);
  if (found == kStates.end())
    throw Failure(Outcome::kInvalidInput, "state: no job is ever in that state",
                  "one of queued, running, done, failed, cancelled, needs_input");
  return *found;
}

std::optional<TimePoint> waits_until(store::ReadTransaction& transaction, const store::JobRow& row) {
  if (row.state != JobState::kQueued) return std::nullopt;
  std::optional<TimePoint> until = row.not_before;
  if (const auto lane = store::find_lane(transaction, row.lane)) until = std::max(until, lane->open_until);
  return until;
}

std::optional<QuestionView> question_of(const store::JobRow& row) {
  if (row.state != JobState::kNeedsInput || row.ended || !row.input_until) return std::nullopt;
  const auto input = nlohmann::json::parse(row.input, nullptr, false);
  return QuestionView{input.is_object() ? input.value("what", "a value") : "a value", *row.input_until};
}

JobView view_of(store::ReadTransaction& transaction, const store::JobRow& row) {
  JobView view;
  view.id = row.id;
  view.account_id = row.account;
  if (const auto account = store::find_account(transaction, row.account)) view.account = account->name;
  view.kind = row.kind;
  view.state = row.state;
  view.outcome = row.outcome;
  view.message = row.message;
  if (const auto outcome = outcome_from_name(row.outcome); outcome && *outcome != Outcome::kOk)
    view.hint = outcome_info(*outcome).next_step;
  view.priority = row.priority;
  view.attempts = row.attempts;
  view.past_return = row.past_return;
  view.cancel_requested = row.cancel_requested;
  view.requested_by = row.requested_by;
  view.created = row.created;
  view.started = row.started;
  view.ended = row.ended;
  view.waits_until = waits_until(transaction, row);
  view.question = question_of(row);
  if (!row.result.empty()) view.result = nlohmann::ordered_json::parse(row.result, nullptr, false);
  view.report_directory = row.report_directory;
  return view;
}

std::chrono::milliseconds spacing_of(const playbook::Facts& facts) {
  if (!facts.sign_in_limit_count || !facts.sign_in_limit_period) return std::chrono::milliseconds(0);
  return *facts.sign_in_limit_period * facts.sign_in_calls / *facts.sign_in_limit_count;
}

/// The distance that the playbook's limit asks for. What would stop the job anyway is said now.
std::chrono::milliseconds spacing_for(House& house, const SubmitJob& request, const store::AccountRow& account) {
  // A recovery may use the text that was kept with what it settles.
  if (request.kind == "recover" && (account.app.empty() || !house.playbook_file().empty()))
    return std::chrono::milliseconds(0);
  try {
    return spacing_of(playbook_for(house, request.kind, account)->facts);
  } catch (const Failure&) {
    if (request.kind != "recover") throw;
    return std::chrono::milliseconds(0);
  }
}

void check_request(SubmitJob& request) {
  const auto operation = operation_of_job(request.kind);
  if (operation.empty())
    throw Failure(Outcome::kInvalidInput, "kind: no job does that",
                  "one of check, disable, enroll, login, recover, recovery_codes");
  if (request.account.empty()) throw Failure(Outcome::kInvalidInput, "account: it is missing");
  if (!request.request.is_object()) throw Failure(Outcome::kInvalidInput, "request: it is no object");
  request.request["account"] = request.account;
  if (const Operation* row = find_operation(operation)) check_arguments(request.request, row->fields);
  if (request.priority < -kMostPriority || request.priority > kMostPriority)
    throw Failure(Outcome::kInvalidInput,
                  fmt::format("priority: it goes from {} to {}", -kMostPriority, kMostPriority));
  if (request.idempotency_key.size() > kLongestKey)
    throw Failure(Outcome::kInvalidInput, fmt::format("idempotency_key: it is longer than {} bytes", kLongestKey));
}

/// The job that this key stands for already.
std::optional<store::JobRow> earlier(store::ReadTransaction& transaction, const SubmitJob& request,
                                     const store::JobRow& wanted) {
  if (request.idempotency_key.empty()) return std::nullopt;
  auto known = store::find_job_by_key(transaction, request.requested_by, request.idempotency_key);
  if (!known) {
    const auto joined = store::find_joined_key(transaction, request.requested_by, request.idempotency_key);
    if (joined) known = store::find_job(transaction, joined->job);
    if (known) known->request = joined->request;
  }
  if (!known) return std::nullopt;
  if (known->kind != wanted.kind || known->account != wanted.account || known->request != wanted.request)
    throw Failure(Outcome::kAlreadyExists,
                  fmt::format("the idempotency key was used for another request: job {}", known->id.str()),
                  "give another key, or the same request");
  return known;
}

std::optional<KeptSession> kept_session(store::ReadTransaction& transaction, const SubmitJob& request,
                                        const AccountId& account, TimePoint now) {
  if (request.kind != "login" || request.fresh || !request.max_age) return std::nullopt;
  const auto session = store::latest_session(transaction, account);
  if (!session || now - session->created > *request.max_age) return std::nullopt;
  return KeptSession{session->id, session->created};
}

store::JobRow row_for(const SubmitJob& request, const store::AccountRow& account, TimePoint now) {
  store::JobRow row;
  row.id = JobId::make(now);
  row.account = account.id;
  row.kind = request.kind;
  row.created = now;
  row.priority = request.priority;
  row.lane = lane_of(account);
  nlohmann::json arguments = request.request;
  arguments["account"] = account.id.str();  // it may be renamed while the job waits
  row.request = arguments.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  row.idempotency_key = request.idempotency_key;
  row.requested_by = request.requested_by;
  row.not_before = request.not_before;
  return row;
}

/// The login that is under way and will do for this request too; its key stands for that one from now on.
std::optional<store::JobRow> login_under_way(store::WriteTransaction& transaction, const SubmitJob& request,
                                             const store::JobRow& wanted) {
  if (request.kind != "login" || request.fresh) return std::nullopt;
  auto open = store::find_open_job(transaction, wanted.account, request.kind);
  if (open && !request.idempotency_key.empty())
    store::keep_joined_key(transaction, {request.requested_by, request.idempotency_key, open->id, wanted.request});
  return open;
}

Submitted put(House& house, const SubmitJob& request) {
  const auto account = read_account(house.store(), request.account);
  const auto spacing = spacing_for(house, request, account);
  const TimePoint now = house.clock().now();
  const store::JobRow row = row_for(request, account, now);
  return house.store().write([&](store::WriteTransaction& transaction) {
    Submitted submitted;
    auto known = earlier(transaction, request, row);
    if (!known) {
      submitted.session = kept_session(transaction, request, account.id, now);
      if (submitted.session) return submitted;
      known = login_under_way(transaction, request, row);
    }
    if (known) {
      submitted.job = view_of(transaction, *known);
      submitted.joined = true;
      return submitted;
    }
    store::insert_job(transaction, row);
    store::set_lane_spacing(transaction, row.lane, spacing);
    submitted.job = view_of(transaction, row);
    return submitted;
  });
}

Failure not_again(const store::JobRow& job) {
  if (!job.ended) return Failure(Outcome::kBusy, "the job has not ended", "wait for its end, or cancel it");
  if (job.past_return)
    return Failure(Outcome::kUncertain,
                   "the job had come to the act that turns MFA on or off, and is never run again from the start",
                   "let the app say how it stands: run.recover, then start a new job where one is needed");
  if (!job.from_queue())
    return Failure(Outcome::kInvalidInput, "the job was run by a command, not by the queue", "give the command again");
  return Failure(Outcome::kInvalidInput, "the job is done", "start a new one");
}

}  // namespace

std::string_view job_kind_of(std::string_view operation) {
  const auto* found = std::ranges::find(kKinds, operation, &KindName::operation);
  return found == kKinds.end() ? std::string_view() : found->kind;
}

std::string_view operation_of_job(std::string_view kind) {
  const auto* found = std::ranges::find(kKinds, kind, &KindName::kind);
  return found == kKinds.end() ? std::string_view() : found->operation;
}

nlohmann::ordered_json to_json(const JobView& job) {
  nlohmann::ordered_json question;
  if (job.question) question = {{"what", job.question->what}, {"until", to_iso(job.question->until)}};
  return {{"job", job.id.str()},
          {"account", job.account},
          {"kind", job.kind},
          {"state", store::job_state_name(job.state)},
          {"outcome", job.outcome.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(job.outcome)},
          {"message", job.message},
          {"hint", job.hint},
          {"priority", job.priority},
          {"attempts", job.attempts},
          {"past_return", job.past_return},
          {"cancel_requested", job.cancel_requested},
          {"requested_by", job.requested_by},
          {"created", to_iso(job.created)},
          {"started", json_time(job.started)},
          {"ended", json_time(job.ended)},
          {"waits_until", json_time(job.waits_until)},
          {"question", question},
          {"result", job.result},
          {"report",
           job.report_directory.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(job.report_directory)}};
}

nlohmann::ordered_json to_json(const Submitted& submitted) {
  nlohmann::ordered_json session;
  if (submitted.session)
    session = {{"session", submitted.session->id.str()}, {"created", to_iso(submitted.session->created)}};
  return {{"job", submitted.job ? to_json(*submitted.job) : nlohmann::ordered_json()},
          {"joined", submitted.joined},
          {"session", session}};
}

nlohmann::ordered_json to_json(const JobList& list) {
  nlohmann::ordered_json jobs = nlohmann::ordered_json::array();
  for (const auto& job : list.jobs) jobs.push_back(to_json(job));
  return {{"jobs", std::move(jobs)},
          {"next", list.next.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(list.next)}};
}

nlohmann::ordered_json to_json(const EventList& list) {
  nlohmann::ordered_json events = nlohmann::ordered_json::array();
  for (const auto& event : list.events) events.push_back(to_json(event));
  return {{"events", std::move(events)}};
}

task<Submitted> submit_job(House& house, SubmitJob request) {
  check_request(request);
  co_await house.open_store();
  Submitted submitted = co_await house.blocking([&] { return put(house, request); });
  house.desk().changed();
  co_return submitted;
}

task<JobList> list_jobs(House& house, ListJobs request) {
  if (request.limit < 1 || request.limit > kLongestPage)
    throw Failure(Outcome::kInvalidInput, fmt::format("limit: it goes from 1 to {}", kLongestPage));
  co_await house.open_store();
  co_return co_await house.blocking([&] {
    return house.store().read([&](store::ReadTransaction& transaction) {
      store::JobFilter filter{.kind = request.kind, .before = JobId::from(request.before), .limit = request.limit + 1};
      if (!request.account.empty()) filter.account = store::require_account(transaction, request.account).id;
      if (!request.state.empty()) filter.state = state_of(request.state);
      auto rows = store::list_jobs(transaction, filter);
      JobList list;
      if (rows.size() > static_cast<std::size_t>(request.limit)) {
        rows.pop_back();
        list.next = rows.back().id.str();
      }
      for (const auto& row : rows) list.jobs.push_back(view_of(transaction, row));
      return list;
    });
  });
}

task<JobView> show_job(House& house, NameJob request) {
  co_await house.open_store();
  co_return co_await house.blocking([&] {
    return house.store().read([&](store::ReadTransaction& transaction) {
      return view_of(transaction, require_job(transaction, request.job));
    });
  });
}

task<JobView> cancel_job(House& house, NameJob request) {
  co_await house.open_store();
  JobView view = co_await house.blocking([&] {
    return house.store().write([&](store::WriteTransaction& transaction) {
      const JobId id = require_job(transaction, request.job).id;
      store::cancel_job(transaction, id, house.clock().now());
      return view_of(transaction, require_job(transaction, request.job));
    });
  });
  if (view.cancel_requested && !view.ended) house.desk().cancel(view.id);
  house.desk().changed();
  co_return view;
}

task<JobView> retry_job(House& house, NameJob request) {
  co_await house.open_store();
  JobView view = co_await house.blocking([&] {
    return house.store().write([&](store::WriteTransaction& transaction) {
      const store::JobRow job = require_job(transaction, request.job);
      if (!store::reopen_job(transaction, job.id, house.clock().now())) throw not_again(job);
      return view_of(transaction, require_job(transaction, request.job));
    });
  });
  house.desk().changed();
  co_return view;
}

task<JobView> answer_job(House& house, AnswerJob request) {
  if (request.value.empty()) throw Failure(Outcome::kInvalidInput, "value: it is empty");
  co_await house.open_vault();
  JobView view = co_await house.blocking([&] {
    const JobId id = house.store().read(
        [&](store::ReadTransaction& transaction) { return require_job(transaction, request.job).id; });
    const std::string sealed = house.vault().seal(vault::job_answer_context(id), request.value);
    return house.store().write([&](store::WriteTransaction& transaction) {
      if (!store::put_answer(transaction, id, sealed, house.clock().now()))
        throw Failure(Outcome::kInvalidInput, fmt::format("job {} waits for no answer", id.str()),
                      "look at how it stands: job.show");
      return view_of(transaction, require_job(transaction, request.job));
    });
  });
  house.desk().answered(view.id);
  co_return view;
}

task<EventList> list_job_events(House& house, ListEvents request) {
  if (request.limit < 1 || request.limit > kLongestPage)
    throw Failure(Outcome::kInvalidInput, fmt::format("limit: it goes from 1 to {}", kLongestPage));
  co_await house.open_store();
  co_return co_await house.blocking([&] {
    return house.store().read([&](store::ReadTransaction& transaction) {
      store::JobEventFilter filter{.after = request.after, .job = JobId::from(request.job), .limit = request.limit};
      if (!request.account.empty()) filter.account = store::require_account(transaction, request.account).id;
      EventList list;
      for (const auto& row : store::list_job_events(transaction, filter)) list.events.push_back(event_of(row));
      return list;
    });
  });
}

}  // namespace totpilot::services

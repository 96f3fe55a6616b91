#pragma once
// Queue: jobs that somebody asked for and that the daemon runs: submitted, listed, cancelled, tried again, answered.
// Nothing here waits for a job. A job's result is what the service's own response gives, never a secret: a login keeps
// its session in the store.
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/async.h"
#include "agent/base/clock.h"
#include "agent/base/failure.h"
#include "agent/base/id.h"
#include "agent/base/secret.h"
#include "agent/services/event_hub.h"
#include "agent/store/jobs.h"

namespace totpilot::services {

class House;

/// The kind of job that does this operation ("run.enroll" -> "enroll"); empty when a job does not.
std::string_view job_kind_of(std::string_view operation);
/// The operation that a job of this kind does; empty for a kind that there is not.
std::string_view operation_of_job(std::string_view kind);

struct SubmitJob {
  std::string account;
  std::string kind;
  nlohmann::json request = nlohmann::json::object();  // the operation's arguments; the account may be left out
  int priority = 0;                                   // -100 to 100; the higher goes first
  std::string idempotency_key{};                      // the same for the same request, made again
  std::optional<TimePoint> not_before{};
  std::string requested_by{};
  bool fresh = false;                                  // a login of its own, although one of this account is under way
  std::optional<std::chrono::milliseconds> max_age{};  // login: a kept session younger than this will do
};

/// What a person is asked.
struct QuestionView {
  std::string what;
  TimePoint until;
};

struct JobView {
  JobId id;
  AccountId account_id;
  std::string account;  // its name
  std::string kind;
  store::JobState state = store::JobState::kQueued;
  std::string outcome;  // of the end, or of the last attempt; empty: none yet
  std::string message;
  std::string hint;  // what a person does now; empty: nothing
  int priority = 0;
  int attempts = 0;
  bool past_return = false;  // it may have changed MFA, so it is never run again from the start
  bool cancel_requested = false;
  std::string requested_by;
  TimePoint created;
  std::optional<TimePoint> started;
  std::optional<TimePoint> ended;
  std::optional<TimePoint> waits_until;  // queued: not before, by its own time or because its app is left alone
  std::optional<QuestionView> question;
  nlohmann::ordered_json result;  // null until it is done
  std::string report_directory;
};

/// A session that a login left and that is still young enough.
struct KeptSession {
  SessionId id;
  TimePoint created;
};

struct Submitted {
  std::optional<JobView> job;  // nothing where a kept session will do
  bool joined = false;         // it was there already: the same key, or a login of the account under way
  std::optional<KeptSession> session;
};

struct NameJob {
  std::string job;
};

struct ListJobs {
  std::string account{};  // empty: of all
  std::string kind{};
  std::string state{};   // "queued", "running", ...
  std::string before{};  // a job's id: the page after the one that ended with it
  int limit = 50;
};

struct JobList {
  std::vector<JobView> jobs;  // newest first
  std::string next;           // `before` of the next page; empty: this is the last
};

struct AnswerJob {
  std::string job;
  Secret value;
};

struct ListEvents {
  std::string job{};
  std::string account{};
  int after = 0;  // a sequence
  int limit = 200;
};

struct EventList {
  std::vector<JobEvent> events;
};

nlohmann::ordered_json to_json(const JobView& job);
nlohmann::ordered_json to_json(const Submitted& submitted);
nlohmann::ordered_json to_json(const JobList& list);
nlohmann::ordered_json to_json(const EventList& list);

/// Queues a job. The same key of the same caller with the same request gives the same job, with another already_exists.
/// A login joins the one that is under way for its account. not_found, no_playbook, invalid_input.
task<Submitted> submit_job(House& house, SubmitJob request);
task<JobList> list_jobs(House& house, ListJobs request);
task<JobView> show_job(House& house, NameJob request);
/// A queued job ends at once; a running one is stopped where that is safe: see its view. Ended ones stay as they are.
task<JobView> cancel_job(House& house, NameJob request);
/// Runs an ended job again, where it never came past the point of no return. uncertain where it did; busy while it has
/// not ended.
task<JobView> retry_job(House& house, NameJob request);
/// Gives a job the value that it waits for. invalid_input when it waits for none (any more).
task<JobView> answer_job(House& house, AnswerJob request);
/// What happened, oldest first; reads on from `after`.
task<EventList> list_job_events(House& house, ListEvents request);

}  // namespace totpilot::services

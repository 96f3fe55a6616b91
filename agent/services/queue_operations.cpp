#include <array>

#include "agent/services/form.h"
#include "agent/services/perform.h"
#include "agent/services/queue.h"

namespace totpilot::services {
namespace {

using enum Scope;

constexpr Form kNameJob{text("job", &NameJob::job, kRequired, "the job's id")};

constexpr Form kListJobs{
    text("account", &ListJobs::account, kOptional, "the account's name or id; without it of all"),
    text("kind", &ListJobs::kind, kOptional, "check, disable, enroll, login, recover or recovery_codes"),
    text("state", &ListJobs::state, kOptional, "queued, running, needs_input, done, failed or cancelled"),
    text("before", &ListJobs::before, kOptional, "the `next` of the page before"),
    integer("limit", &ListJobs::limit, kOptional, "how many at most, up to 500"),
};

constexpr Form kAnswerJob{
    text("job", &AnswerJob::job, kRequired, "the job's id"),
    secret("value", &AnswerJob::value, kRequired, "what the job asks for"),
};

constexpr Form kListEvents{
    text("job", &ListEvents::job, kOptional, "of this job only"),
    text("account", &ListEvents::account, kOptional, "of this account's jobs only"),
    integer("after", &ListEvents::after, kOptional, "a sequence: only later ones"),
    integer("limit", &ListEvents::limit, kOptional, "how many at most, up to 500"),
};

task<nlohmann::ordered_json> job_list(Call& call) {
  co_return to_json(co_await list_jobs(call.house, kListJobs.read(call.arguments)));
}

task<nlohmann::ordered_json> job_show(Call& call) {
  co_return to_json(co_await show_job(call.house, kNameJob.read(call.arguments)));
}

task<nlohmann::ordered_json> job_cancel(Call& call) {
  co_return to_json(co_await cancel_job(call.house, kNameJob.read(call.arguments)));
}

task<nlohmann::ordered_json> job_retry(Call& call) {
  co_return to_json(co_await retry_job(call.house, kNameJob.read(call.arguments)));
}

task<nlohmann::ordered_json> job_answer(Call& call) {
  co_return to_json(co_await answer_job(call.house, kAnswerJob.read(call.arguments)));
}

task<nlohmann::ordered_json> job_events(Call& call) {
  co_return to_json(co_await list_job_events(call.house, kListEvents.read(call.arguments)));
}

constexpr std::array kQueueRows = {
    Operation{"job.answer", kRun, "gives a job the value that it waits for", Verb::kPost, "/jobs/{job}/answer",
              kAnswerJob.fields(), &job_answer},
    Operation{"job.cancel", kRun, "cancels a job, where that is safe", Verb::kPost, "/jobs/{job}/cancel",
              kNameJob.fields(), &job_cancel},
    Operation{"job.events", kRead, "tells what happened to jobs", Verb::kGet, "/job-events", kListEvents.fields(),
              &job_events},
    Operation{"job.list", kRead, "lists jobs", Verb::kGet, "/jobs", kListJobs.fields(), &job_list},
    Operation{"job.retry", kRun, "runs an ended job again, where that is safe", Verb::kPost, "/jobs/{job}/retry",
              kNameJob.fields(), &job_retry},
    Operation{"job.show", kRead, "shows a job", Verb::kGet, "/jobs/{job}", kNameJob.fields(), &job_show},
};

}  // namespace

std::span<const Operation> queue_operations() { return kQueueRows; }

}  // namespace totpilot::services

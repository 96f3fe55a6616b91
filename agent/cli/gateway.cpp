#include "agent/cli/gateway.h"

#include <unistd.h>

#include "agent/cli/daemon_client.h"
#include "agent/services/perform.h"
#include "agent/services/runs.h"

namespace totpilot::cli {
namespace {

using services::Operation;
using services::ProgressListener;

class LocalGateway final : public Gateway {
 public:
  explicit LocalGateway(services::House& house) : house_(house) {}

  task<nlohmann::ordered_json> perform(const Operation& operation, nlohmann::json arguments, ProgressListener& listener,
                                       Deadline deadline) override {
    services::Call call{house_, caller_, std::move(arguments), listener, deadline};
    co_return co_await services::perform(operation, call);
  }

 private:
  services::House& house_;
  services::Caller caller_ = services::Caller::local(::getpid());
};

std::chrono::milliseconds millis_in(const nlohmann::json& object, const char* name) {
  return std::chrono::milliseconds(object.value(name, std::int64_t{0}));
}

/// What the daemon tells of a job, as the flow itself tells it here; and what a run that fails leaves to show.
class JobWatch {
 public:
  explicit JobWatch(ProgressListener& listener) : listener_(listener) {}

  void take(const nlohmann::json& event) {
    const std::string type = event.value("type", "");
    const nlohmann::json data = event.value("data", nlohmann::json::object());
    if (type == "job.step") take_step(data);
    if (type == "job.waiting")
      listener_.on_event(services::Waiting{data.value("what", ""), data.value("reason", ""), millis_in(data, "ms")});
    if (type == "job.remark") listener_.on_event(services::Remark{data.value("text", "")});
  }
  const std::vector<services::StepView>& steps() const { return steps_; }

 private:
  void take_step(const nlohmann::json& data) {
    const std::string number = data.value("number", "");
    const std::string name = data.value("name", "");
    const std::string state = data.value("state", "");
    if (state == "started") return listener_.on_event(services::StepStarted{number, name, {}});
    services::StepEnded ended{.number = number,
                              .name = name,
                              .duration = millis_in(data, "duration_ms"),
                              .result = outcome_from_name(data.value("result", "")).value_or(Outcome::kInternal),
                              .skipped = state == "skipped",
                              .message = data.value("message", "")};
    steps_.push_back({ended.number, ended.name, ended.duration, ended.result, ended.skipped, ended.message});
    listener_.on_event(ended);
  }

  ProgressListener& listener_;
  std::vector<services::StepView> steps_;
};

std::string text_in(const nlohmann::ordered_json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

class DaemonGateway final : public Gateway {
 public:
  explicit DaemonGateway(std::filesystem::path socket) : client_(std::move(socket)) {}

  task<nlohmann::ordered_json> perform(const Operation& operation, nlohmann::json arguments, ProgressListener& listener,
                                       Deadline deadline) override {
    if (!operation.exposed()) throw daemon_in_the_way();
    nlohmann::ordered_json answer = co_await client_.perform(operation, std::move(arguments), deadline);
    if (operation.answer != Operation::Answer::kJob) co_return answer;
    co_return co_await result_of(std::move(answer), listener, deadline);
  }

 private:
  task<nlohmann::ordered_json> result_of(nlohmann::ordered_json submitted, ProgressListener& listener,
                                         Deadline deadline) {
    // The view itself, or what says that a job was joined.
    const nlohmann::ordered_json queued =
        submitted.contains("joined") ? submitted.value("job", nlohmann::ordered_json()) : submitted;
    const std::string id = text_in(queued, "job");
    if (id.empty()) co_return submitted;
    JobWatch watch(listener);
    co_await client_.follow(id, [&watch](const nlohmann::json& event) { watch.take(event); }, deadline);
    const Operation* show = services::find_operation("job.show");
    const nlohmann::ordered_json job = co_await client_.perform(*show, {{"job", id}}, deadline);
    if (text_in(job, "state") == "done") co_return job.value("result", nlohmann::ordered_json::object());
    services::RunView run;
    run.job = JobId::from(id);
    run.account = text_in(job, "account");
    run.report_directory = text_in(job, "report");
    run.steps = watch.steps();
    throw services::RunFailed(Failure(outcome_from_name(text_in(job, "outcome")).value_or(Outcome::kInternal),
                                      text_in(job, "message"), text_in(job, "hint")),
                              std::move(run));
  }

  DaemonClient client_;
};

}  // namespace

Failure daemon_in_the_way() {
  return Failure(Outcome::kBusy, "the daemon has the state directory, and this is done without it",
                 "stop the daemon first");
}

std::unique_ptr<Gateway> make_local_gateway(services::House& house) { return std::make_unique<LocalGateway>(house); }

std::unique_ptr<Gateway> make_daemon_gateway(std::filesystem::path socket) {
  return std::make_unique<DaemonGateway>(std::move(socket));
}

}  // namespace totpilot::cli

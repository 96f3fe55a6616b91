#include "agent/daemon/job_feed.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace totpilot::daemon {
namespace {

constexpr std::chrono::seconds kHeartbeat{15};  // shorter than what proxies take for dead
constexpr int kPage = 500;

std::string text_of(const services::JobEvent& event) {
  return fmt::format("id: {}\nevent: {}\ndata: {}\n\n", event.sequence, event.type,
                     services::to_json(event).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

std::optional<std::int64_t> sequence_of(std::string_view text) {
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

/// "job_..." of "/v1/jobs/job_.../events".
std::optional<JobId> job_of(std::string_view path) {
  constexpr std::string_view kBefore = "/v1/jobs/";
  constexpr std::string_view kAfter = "/events";
  if (!path.starts_with(kBefore) || !path.ends_with(kAfter) || path.size() <= kBefore.size() + kAfter.size())
    return std::nullopt;
  path.remove_prefix(kBefore.size());
  path.remove_suffix(kAfter.size());
  if (!JobId::looks_right(path)) return std::nullopt;
  return JobId::from(std::string(path));
}

class JobFeed final : public api::Feed {
 public:
  JobFeed(services::House& house, services::EventHub& hub, JobId job, std::optional<std::int64_t> seen)
      : house_(house), job_(std::move(job)), heard_(hub.subscribe({.job = job_})), last_(seen.value_or(0)) {
    behind_ = seen.has_value() || !job_.empty();
  }

  task<std::string> next() override {
    if (over_) co_return std::string();
    if (!begun_) {
      begun_ = true;
      co_return std::string(": totpilot\n\n");  // the client knows at once that it is heard
    }
    for (;;) {
      std::string text = behind_ ? co_await read_on() : co_await listen();
      if (!text.empty() || over_) co_return text;
    }
  }

 private:
  task<std::string> read_on() {
    const auto rows = co_await house_.blocking([this] {
      return house_.store().read([&](store::ReadTransaction& transaction) {
        return store::list_job_events(transaction, {.after = last_, .job = job_, .limit = kPage});
      });
    });
    behind_ = static_cast<int>(rows.size()) == kPage;
    std::string text;
    for (const auto& row : rows) take(services::event_of(row), text);
    co_return text;
  }

  task<std::string> listen() {
    const auto batch = co_await heard_->next(Deadline::after(kHeartbeat));
    std::string text;
    if (batch.missed) {
      behind_ = true;
      co_return text;
    }
    for (const auto& event : batch.events) take(event, text);
    over_ = over_ || batch.closed;
    if (text.empty() && !over_) text = ": still here\n\n";
    co_return text;
  }

  void take(const services::JobEvent& event, std::string& text) {
    if (event.sequence <= last_ || over_) return;
    last_ = event.sequence;
    text += text_of(event);
    over_ = !job_.empty() && event.type == "job.ended";
  }

  services::House& house_;
  JobId job_;
  std::shared_ptr<services::Subscription> heard_;  // the hub drops a reader that is gone
  std::int64_t last_;
  bool behind_ = false;
  bool begun_ = false;
  bool over_ = false;
};

}  // namespace

std::unique_ptr<api::Feed> job_feed(services::House& house, services::EventHub& hub, std::string_view path,
                                    std::string_view last_event_id) {
  const auto seen = sequence_of(last_event_id);
  if (path == "/v1/events") return std::make_unique<JobFeed>(house, hub, JobId(), seen);
  if (const auto job = job_of(path)) return std::make_unique<JobFeed>(house, hub, *job, seen);
  return nullptr;
}

}  // namespace totpilot::daemon

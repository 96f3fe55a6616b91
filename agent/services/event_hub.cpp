#include "agent/services/event_hub.h"

#include <algorithm>

#include "agent/base/log.h"

namespace totpilot::services {
namespace {

/// After a database that refused.
constexpr auto kUntilNextTry = std::chrono::seconds(5);

}  // namespace

JobEvent event_of(const store::JobEventRow& row) {
  auto data = nlohmann::json::parse(row.data, nullptr, false);
  if (!data.is_object()) data = nlohmann::json::object();
  return {row.sequence, row.at, row.type, row.job, row.account, std::move(data)};
}

nlohmann::ordered_json to_json(const JobEvent& event) {
  return {{"sequence", event.sequence}, {"at", to_iso(event.at)},         {"type", event.type},
          {"job", event.job.str()},     {"account", event.account.str()}, {"data", event.data}};
}

bool EventFilter::lets_pass(const JobEvent& event) const {
  return (job.empty() || job == event.job) && (account.empty() || account == event.account) &&
         (types.empty() || std::ranges::find(types, event.type) != types.end());
}

Subscription::Subscription(const boost::asio::any_io_executor& executor, EventFilter filter)
    : filter_(std::move(filter)), timer_(executor) {}

void Subscription::give(const JobEvent& event) {
  if (!filter_.lets_pass(event)) return;
  if (waiting_.size() >= kMost) {
    // What is left is the beginning of what it reads from the store anyway.
    waiting_.clear();
    missed_ = true;
  }
  waiting_.push_back(event);
  timer_.wake();
}

void Subscription::close() {
  closed_ = true;
  timer_.wake();
}

task<Subscription::Batch> Subscription::next(Deadline deadline) {
  if (waiting_.empty() && !closed_) co_await timer_.wait(deadline);
  Batch batch;
  batch.events.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(waiting_.end()));
  waiting_.clear();
  batch.missed = std::exchange(missed_, false);
  batch.closed = closed_;
  co_return batch;
}

EventHub::EventHub(const boost::asio::any_io_executor& executor, store::Store& store, boost::asio::thread_pool& pool)
    : store_(store), pool_(pool), executor_(executor), timer_(executor) {}

std::shared_ptr<Subscription> EventHub::subscribe(EventFilter filter) {
  // Shared: the reader may go while the hub hands out.
  auto reader = std::make_shared<Subscription>(executor_, std::move(filter));
  readers_.push_back(reader);
  return reader;
}

void EventHub::publish(store::JobNews news) {
  published_.push_back(std::move(news));
  wake();
}

void EventHub::wake() {
  woken_ = true;
  timer_.wake();
}

task<void> EventHub::flush() {
  if (!running_) co_return;
  const auto written = std::make_shared<ReplySlot<bool>>(executor_);
  flushes_.push_back(written);
  wake();
  co_await written->wait(Deadline::at(Deadline::Clock::time_point::max()), "the writing of a job's events");
}

void EventHub::let_go(const Flushes& flushes) {
  for (const auto& flush : flushes) flush->set(true);
}

void EventHub::stop() {
  stopping_ = true;
  wake();
}

std::vector<store::JobEventRow> EventHub::write_and_read(const std::vector<store::JobNews>& news) {
  if (!news.empty())
    store_.write([&](store::WriteTransaction& transaction) {
      for (const auto& one : news) store::tell(transaction, one);
    });
  return store_.read([&](store::ReadTransaction& transaction) {
    if (last_ < 0) last_ = store::last_job_event(transaction);
    return store::list_job_events(transaction, {.after = last_});
  });
}

void EventHub::hand_out(const std::vector<store::JobEventRow>& rows) {
  for (const auto& row : rows) {
    const JobEvent event = event_of(row);
    for (const auto& reader : readers_)
      if (const auto held = reader.lock()) held->give(event);
    last_ = row.sequence;
  }
  std::erase_if(readers_, [](const auto& reader) { return reader.expired(); });
}

/// False: the database refused, and what was published is kept for the next try.
task<bool> EventHub::turn() {
  auto news = std::make_shared<std::vector<store::JobNews>>(std::exchange(published_, {}));
  const Flushes flushes = std::exchange(flushes_, {});
  bool written = true;
  try {
    for (;;) {
      const auto rows = co_await run_blocking(pool_, [this, news] { return write_and_read(*news); });
      news->clear();
      let_go(flushes);
      hand_out(rows);
      if (rows.empty()) break;
    }
  } catch (const Failure& failure) {
    log::error("events of jobs could not be kept or read: {}", failure.message());
    written = false;
    let_go(flushes);
  }
  published_.insert(published_.begin(), std::make_move_iterator(news->begin()), std::make_move_iterator(news->end()));
  co_return written;
}

task<void> EventHub::run() {
  running_ = true;
  std::exception_ptr error;
  try {
    co_await turn_until_stopped();
  } catch (...) {
    error = std::current_exception();
  }
  running_ = false;
  let_go(std::exchange(flushes_, {}));
  for (const auto& reader : readers_)
    if (const auto held = reader.lock()) held->close();
  if (error) std::rethrow_exception(error);
}

task<void> EventHub::turn_until_stopped() {
  bool written = co_await turn();  // from here on: what is newer than the newest row there was
  for (;;) {
    if (!woken_ || !written)
      co_await timer_.wait(written ? Deadline::at(Deadline::Clock::time_point::max()) : Deadline::after(kUntilNextTry));
    woken_ = false;
    const bool last = stopping_;
    written = co_await turn();
    if (last) break;
  }
}

void StepEvents::on_event(const Event& event) {
  if (hub_ == nullptr) return;
  const auto tell = [&](std::string_view type, nlohmann::json data) {
    hub_->publish({job_, type, std::move(data), clock_.now()});
  };
  if (const auto* begun = std::get_if<StepStarted>(&event)) {
    tell("job.step", {{"number", begun->number}, {"name", begun->name}, {"state", "started"}});
  } else if (const auto* ended = std::get_if<StepEnded>(&event)) {
    tell("job.step", {{"number", ended->number},
                      {"name", ended->name},
                      {"state", ended->skipped ? "skipped" : "ended"},
                      {"result", outcome_name(ended->result)},
                      {"duration_ms", ended->duration.count()},
                      {"message", ended->message}});
  } else if (const auto* wait = std::get_if<Waiting>(&event)) {
    tell("job.waiting", {{"what", wait->what}, {"reason", wait->reason}, {"ms", wait->span.count()}});
  } else if (const auto* remark = std::get_if<Remark>(&event)) {
    tell("job.remark", {{"text", remark->text}});
  }
}

}  // namespace totpilot::services

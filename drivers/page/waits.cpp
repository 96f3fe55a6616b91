// wait_for: one question over all conditions where they concern the page itself; one wait each for those in frames.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include "drivers/page/page_port.h"
#include "drivers/page/request.h"

namespace totpilot::page {

using browser::Condition;
using browser::Locator;
using nlohmann::json;

namespace {

bool concerns_frames(const Locator& locator) { return frame_of(locator) != nullptr || spans_frames(locator); }

bool concerns_frames(const Condition& condition) {
  return (condition.shows && concerns_frames(*condition.shows)) ||
         (condition.hides && concerns_frames(*condition.hides));
}

/// Several waits, of which the first to end well is the result; the others are cancelled and awaited, also when whoever
/// waits for the result is cancelled, so that none outlives the page.
class Race {
 public:
  explicit Race(const boost::asio::any_io_executor& executor) : waits_(std::make_shared<Waits>(executor)) {}

  void add(std::size_t index, task<std::size_t> wait) {
    ++waits_->running;
    auto& signal = waits_->signals.emplace_back(std::make_unique<boost::asio::cancellation_signal>());
    boost::asio::co_spawn(
        waits_->executor, std::move(wait),
        boost::asio::bind_cancellation_slot(
            signal->slot(), [waits = waits_, index](const std::exception_ptr& error, std::size_t result) {
              waits->end_one(index, error, result);
            }));
  }

  task<std::size_t> result() {
    const auto waits = waits_;
    std::exception_ptr cancelled;
    try {
      co_await waits->end();
    } catch (...) {
      cancelled = std::current_exception();
    }
    if (cancelled) {
      // Nothing may cut this short: what still waits uses the page that our caller owns.
      co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
      waits->stop();
      co_await waits->end();
      co_await boost::asio::this_coro::reset_cancellation_state();
      std::rethrow_exception(cancelled);
    }
    if (waits->winner) co_return *waits->winner;
    std::rethrow_exception(waits->error ? waits->error : waits->any_error);
  }

 private:
  // Shared with the handlers of the waits, which hold the slots of `signals`.
  struct Waits {
    explicit Waits(boost::asio::any_io_executor on) : executor(std::move(on)), all_ended(executor) {}

    void end_one(std::size_t index, const std::exception_ptr& thrown, std::size_t result) {
      --running;
      if (!thrown && !winner) winner = result;
      if (thrown && !error && index == 0) error = thrown;
      if (thrown && !any_error) any_error = thrown;
      if (winner) stop();
      if (running == 0) all_ended.set(true);
    }
    void stop() {
      for (const auto& signal : signals) signal->emit(boost::asio::cancellation_type::terminal);
    }
    /// Each wait has a deadline of its own.
    task<void> end() {
      (void)co_await all_ended.wait(Deadline::at(Deadline::Clock::time_point::max()), "the end of all waits");
    }

    boost::asio::any_io_executor executor;
    ReplySlot<bool> all_ended;
    std::vector<std::unique_ptr<boost::asio::cancellation_signal>> signals;
    std::size_t running = 0;
    std::optional<std::size_t> winner;
    std::exception_ptr error;
    std::exception_ptr any_error;
  };

  std::shared_ptr<Waits> waits_;
};

task<std::size_t> then(task<void> wait, std::size_t index) {
  co_await std::move(wait);
  co_return index;
}

}  // namespace

task<std::size_t> Page::wait_for(std::vector<Condition> any, Deadline deadline) {
  if (any.empty()) throw Failure(Outcome::kInternal, "nothing to wait for");
  json conditions = json::array();
  std::vector<std::size_t> plain;
  std::vector<std::size_t> framed;
  for (std::size_t index = 0; index < any.size(); ++index) {
    if (concerns_frames(any[index])) {
      framed.push_back(index);
    } else {
      plain.push_back(index);
      conditions.push_back(to_request(any[index], options_.base_url));
    }
  }
  Question question{.verb = "wait", .request = {{"conditions", std::move(conditions)}}, .doing = "go on"};
  if (framed.empty()) {
    const Answer answer = co_await asker_.ask(asker_.main(), std::move(question), deadline);
    co_return plain.at(answer.value.get<std::size_t>());
  }
  Race race(co_await boost::asio::this_coro::executor);
  if (!plain.empty()) {
    race.add(0, [](Page& page, Question asked, std::vector<std::size_t> indices, Deadline until) -> task<std::size_t> {
      const Answer answer = co_await page.asker_.ask(page.asker_.main(), std::move(asked), until);
      co_return indices.at(answer.value.get<std::size_t>());
    }(*this, std::move(question), plain, deadline));
  }
  for (const std::size_t index : framed) race.add(index + 1, then(wait_until_holds(any[index], deadline), index));
  co_return co_await race.result();
}

/// Part by part, each in its own frame, until all hold at the same time.
task<void> Page::wait_until_holds(Condition condition, Deadline deadline) {
  std::vector<Condition> parts;
  if (condition.url) parts.push_back({.shows = {}, .hides = {}, .url = condition.url});
  if (condition.shows) parts.push_back({.shows = condition.shows, .hides = {}, .url = {}});
  if (condition.hides) parts.push_back({.shows = {}, .hides = condition.hides, .url = {}});
  for (;;) {
    for (const Condition& part : parts) {
      Locator target = part.shows ? *part.shows : part.hides ? *part.hides : Locator{};
      target = co_await settled(std::move(target), deadline);
      Condition asked = part;
      if (asked.shows) asked.shows = target;
      if (asked.hides) asked.hides = target;
      json conditions = json::array();
      conditions.push_back(to_request(asked, options_.base_url));
      Question question{.verb = "wait", .request = {{"conditions", std::move(conditions)}}, .doing = "go on"};
      for (bool answered = false; !answered;) {
        FrameRef frame = co_await asker_.resolve(frame_of(target), deadline);
        try {
          (void)co_await asker_.ask(std::move(frame), question, deadline);
          answered = true;
        } catch (const FrameGone&) {
          continue;  // replaced: found again
        }
      }
    }
    if (parts.size() == 1) co_return;
    bool all = true;
    for (const Condition& part : parts) all = all && co_await holds_now(part, deadline);
    if (all) co_return;
  }
}

task<bool> Page::holds_now(Condition condition, Deadline deadline) {
  const Locator target = condition.shows ? *condition.shows : condition.hides ? *condition.hides : Locator{};
  json conditions = json::array();
  conditions.push_back(to_request(condition, options_.base_url));
  try {
    const FrameRef frame = co_await asker_.resolve(frame_of(target), deadline);
    const World world = co_await frames_->world(frame.id, Whose::kOurs, deadline);
    Question question{.verb = "hold", .request = {{"conditions", std::move(conditions)}}, .doing = "look again"};
    const auto held = co_await asker_.ask_here(world, std::move(question), deadline);
    co_return held && *held == true;
  } catch (const FrameGone&) {
    co_return false;
  }
}

task<Locator> Page::settled(Locator target, Deadline deadline) {
  while (spans_frames(target)) {
    std::vector<Condition> shown;
    for (const Locator& one : target.alternatives) shown.push_back({.shows = one, .hides = {}, .url = {}});
    const std::size_t index = co_await wait_for(std::move(shown), deadline);
    Locator chosen = target.alternatives.at(index);
    target = std::move(chosen);
  }
  co_return target;
}

}  // namespace totpilot::page

#include "agent/audit/log.h"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <functional>
#include <mutex>
#include <utility>
#include <variant>
#include <vector>

namespace totpilot::audit {
namespace {

constexpr auto kLongest = std::chrono::seconds(30);

using Slot = ReplySlot<std::monostate>;

void settle(Slot& slot, const std::exception_ptr& error) {
  if (error)
    slot.fail(error);
  else
    slot.set({});
}

}  // namespace

class Log::Queue : public std::enable_shared_from_this<Queue> {
 public:
  using Done = std::function<void(std::exception_ptr)>;

  Queue(boost::asio::thread_pool& pool, std::shared_ptr<Chain> chain) : pool_(pool), chain_(std::move(chain)) {}

  void push(Entry entry, Done done) {
    const std::lock_guard lock(mutex_);
    entries_.push_back(std::move(entry));
    waiting_.push_back(std::move(done));
    if (std::exchange(writing_, true)) return;
    boost::asio::post(pool_, [self = shared_from_this()] { self->write_all(); });
  }

  std::size_t commits() const {
    const std::lock_guard lock(mutex_);
    return commits_;
  }

 private:
  void write_all() {
    std::vector<Entry> entries;
    std::vector<Done> waiting;
    while (take(entries, waiting)) {
      std::exception_ptr error;
      try {
        chain_->append(entries);
      } catch (...) {
        error = std::current_exception();
      }
      for (const Done& done : waiting) done(error);
    }
  }

  /// False when nobody waits: the writer goes, and the next who comes starts another.
  bool take(std::vector<Entry>& entries, std::vector<Done>& waiting) {
    const std::lock_guard lock(mutex_);
    entries = std::exchange(entries_, {});
    waiting = std::exchange(waiting_, {});
    writing_ = !entries.empty();
    if (writing_) ++commits_;
    return writing_;
  }

  boost::asio::thread_pool& pool_;
  std::shared_ptr<Chain> chain_;
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;  // all under mutex_
  std::vector<Done> waiting_;
  bool writing_ = false;
  std::size_t commits_ = 0;
};

Log::Log(boost::asio::thread_pool& pool, std::shared_ptr<Chain> chain)
    : chain_(chain), queue_(std::make_shared<Queue>(pool, std::move(chain))) {}
Log::~Log() = default;

task<void> Log::record(Entry entry) {
  const auto executor = co_await boost::asio::this_coro::executor;
  // Shared with the writer, which may end after a caller that was cancelled.
  const auto slot = std::make_shared<Slot>(executor);
  queue_->push(std::move(entry), [executor, held = slot](std::exception_ptr error) mutable {
    // Handed over: the slot's timer belongs to the caller's context, and must not end on this thread.
    boost::asio::post(executor, [held = std::move(held), error = std::move(error)] { settle(*held, error); });
  });
  co_await slot->wait(Deadline::after(kLongest), "the audit log's writing");
}

std::size_t Log::commits() const { return queue_->commits(); }

}  // namespace totpilot::audit

#include "drivers/chrome/pool.h"

#include <deque>
#include <thread>

#include "agent/base/log.h"
#include "drivers/chrome/chrome_session.h"

namespace totpilot::chrome {
namespace {

std::size_t most_at_once(const PoolSettings& settings) {
  if (settings.most_at_once != 0) return settings.most_at_once;
  return std::size_t{2} * std::max(1U, std::thread::hardware_concurrency());
}

// Sessions may outlive the port; they give their place back to this.
class Places : public std::enable_shared_from_this<Places> {
 public:
  explicit Places(std::size_t count) : free_(count) {}

  /// A place; given back when it dies.
  using Place = std::shared_ptr<void>;

  task<Place> take(Deadline deadline) {
    if (free_ > 0 && waiting_.empty()) {
      --free_;
      co_return place();
    }
    const auto executor = co_await boost::asio::this_coro::executor;
    const auto slot = std::make_shared<ReplySlot<bool>>(executor);
    waiting_.push_back(slot);
    try {
      co_await slot->wait(deadline, "a free browser");
    } catch (const Failure& failure) {
      std::erase(waiting_, slot);
      if (failure.code() != Outcome::kTimedOut) throw;
      throw Failure(Outcome::kBusy, "every browser is in use", "try again later, or allow more browsers at once");
    }
    co_return place();
  }

  bool anybody_waits() const { return !waiting_.empty(); }
  bool any_free() const { return free_ > 0; }
  std::function<void()> when_free;

 private:
  Place place() {
    return {static_cast<void*>(this), [self = shared_from_this()](void*) { self->give_back(); }};
  }

  void give_back() {
    if (!waiting_.empty()) {
      const auto next = waiting_.front();
      waiting_.pop_front();
      return next->set(true);
    }
    ++free_;
    if (when_free) when_free();
  }

  std::size_t free_;
  std::deque<std::shared_ptr<ReplySlot<bool>>> waiting_;
};

class Pool final : public browser::BrowserPort {
 public:
  Pool(boost::asio::any_io_executor executor, boost::asio::thread_pool& pool, const Clock& clock, PoolSettings settings)
      : executor_(std::move(executor)),
        pool_(pool),
        clock_(clock),
        settings_(std::move(settings)),
        places_(std::make_shared<Places>(most_at_once(settings_))),
        idle_(executor_) {
    places_->when_free = [this] { refill(); };
  }
  ~Pool() override {
    places_->when_free = nullptr;
    idle_.cancel();
  }

  void warm_up() override {
    try {
      start_warm();
    } catch (const Failure& failure) {
      // The lease that wants it will say the same, to somebody who listens.
      log::debug("no browser ahead of need: {}", failure.message());
    }
  }

  task<void> stand_by(Deadline deadline) override {
    start_warm();
    co_await warm_->prepared(deadline);
  }

  task<std::unique_ptr<browser::SessionPort>> lease(browser::SessionOptions options, Deadline deadline) override {
    auto place = co_await places_->take(deadline);
    auto browser = warm_for(options) ? std::move(warm_) : make(options.graphics);
    warm_ = nullptr;
    idle_.cancel();
    const std::string proxy = options.proxy;
    auto page =
        proxy.empty() ? co_await browser->take_page(deadline) : co_await browser->take_page_through(proxy, deadline);
    auto session = std::make_unique<ChromeSession>(
        ChromeSession::Parts{.browser = browser->release_process(),
                             .first_page = std::move(page),
                             .options = std::move(options),
                             .clock = &clock_,
                             .when_over = [place = std::move(place)]() mutable { place = nullptr; },
                             .deadline = deadline});
    co_await session->start(deadline);
    refill();
    co_return session;
  }

 private:
  std::unique_ptr<PreparedBrowser> make(browser::Graphics graphics) {
    BrowserSettings settings = settings_.browser;
    settings.program.graphics = graphics;
    return std::make_unique<PreparedBrowser>(executor_, pool_, settings);
  }

  bool warm_for(const browser::SessionOptions& options) const {
    return warm_ && warm_->good() && options.graphics == browser::Graphics::kNo3d;
  }

  void start_warm() {
    if (warm_ && warm_->good()) return;
    warm_ = make(browser::Graphics::kNo3d);
    end_when_idle();
  }

  // Nobody may ever come for it.
  void end_when_idle() {
    if (settings_.warm == Warm::kAlways) return;
    idle_.expires_after(settings_.idle);
    idle_.async_wait([this](boost::system::error_code error) {
      if (!error) warm_ = nullptr;
    });
  }

  void refill() {
    if (settings_.warm == Warm::kAlways && !places_->anybody_waits() && places_->any_free()) warm_up();
  }

  boost::asio::any_io_executor executor_;
  boost::asio::thread_pool& pool_;
  const Clock& clock_;
  PoolSettings settings_;
  std::shared_ptr<Places> places_;
  std::unique_ptr<PreparedBrowser> warm_;
  boost::asio::steady_timer idle_;
};

}  // namespace

std::unique_ptr<browser::BrowserPort> make_browser_port(const boost::asio::any_io_executor& executor,
                                                        boost::asio::thread_pool& pool, const Clock& clock,
                                                        PoolSettings settings) {
  return std::make_unique<Pool>(executor, pool, clock, std::move(settings));
}

}  // namespace totpilot::chrome

#include "drivers/chrome/browser_process.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "agent/base/log.h"
#include "drivers/cdp/browser.h"
#include "drivers/transport/pipe_transport.h"

namespace totpilot::chrome {
namespace {

using namespace std::chrono_literals;

constexpr auto kEndPatience = 2s;

std::vector<std::string> as_strings(const std::vector<std::filesystem::path>& paths) {
  return {paths.begin(), paths.end()};
}

launcher::Request request_for(const BrowserSettings& settings) {
  launcher::Request request;
  request.program = program_path(settings.program);
  request.arguments = command_line(settings.program);
  request.environment = environment(settings.program);
  request.hidden = as_strings(settings.hidden);
  if (settings.program.display == Display::kHeaded) request.shown = {"/tmp/.X11-unix"};
  request.x_cookie = x_cookie(settings.program);
  request.first_uid = settings.first_uid;
  request.uid_count = settings.uid_count;
  return request;
}

}  // namespace

// What the greeting and the pings share with the process; they may be resumed once more when the process is gone.
struct BrowserProcess::Watch {
  Watch(const boost::asio::any_io_executor& executor, std::shared_ptr<cdp::Session> browser)
      : session(std::move(browser)), answered(executor), timer(executor) {}

  std::shared_ptr<cdp::Session> session;
  ReplySlot<bool> answered;
  boost::asio::steady_timer timer;
  std::string user_agent;
  std::function<void()> on_hang;
  bool stopped = false;

  // The process may be destroyed before and while this waits: it uses only what it holds.
  static task<void> first_answer(std::shared_ptr<Watch> watch, std::weak_ptr<launcher::ContainedBrowser> process,
                                 task<void> started, Deadline deadline) {
    co_await std::move(started);
    std::exception_ptr error;
    try {
      co_await watch->answered.wait(deadline, "the browser's first answer");
      co_return;
    } catch (const Failure& failure) {
      if (failure.code() != Outcome::kBrowserLost) throw;
      error = std::current_exception();
    }
    // It started and went away by itself: how it ended says more than the closed pipe.
    const auto contained = process.lock();
    if (!contained) std::rethrow_exception(error);
    try {
      co_await contained->ended(Deadline::after(kEndPatience));
    } catch (const Failure&) {
      std::rethrow_exception(error);
    }
    throw Failure(Outcome::kBrowserLost, contained->end_reason() + " before it answered");
  }

  static task<void> run(std::shared_ptr<Watch> watch, Deadline::Clock::duration patience) {
    try {
      watch->user_agent =
          (co_await cdp::browser::get_version(*watch->session, Deadline::after(patience + 30s))).user_agent;
      watch->answered.set(true);
      while (!watch->stopped) {
        watch->timer.expires_after(patience / 3);
        boost::system::error_code ignored;
        co_await watch->timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
        if (!watch->stopped) co_await cdp::browser::get_version(*watch->session, Deadline::after(patience));
      }
    } catch (const Failure& failure) {
      if (failure.code() == Outcome::kTimedOut && watch->on_hang) watch->on_hang();
      watch->answered.fail(std::current_exception());
    } catch (...) {
      watch->answered.fail(std::current_exception());
    }
  }
};

BrowserProcess::BrowserProcess(const boost::asio::any_io_executor& executor, boost::asio::thread_pool& pool,
                               const BrowserSettings& settings)
    : contained_(launcher::launch(executor, launcher::find_helper(settings.helper), request_for(settings))),
      connection_(executor, pool, transport::make_pipe_transport(executor, contained_->take_devtools())),
      watch_(std::make_shared<Watch>(executor, connection_.browser())) {
  watch_->on_hang = [this] {
    log::warn("a browser stopped answering and is killed");
    connection_.close("the browser stopped answering");
    contained_->kill();
  };
  boost::asio::co_spawn(executor, Watch::run(watch_, settings.hang_after), [](const std::exception_ptr&) {});
}

BrowserProcess::~BrowserProcess() {
  watch_->stopped = true;
  watch_->on_hang = nullptr;
  watch_->timer.cancel();
  connection_.close("the browser was closed");
  contained_->kill();
}

task<void> BrowserProcess::ready(Deadline deadline) {
  return Watch::first_answer(watch_, contained_, contained_->ready(deadline), deadline);
}

task<void> BrowserProcess::stop(Deadline deadline) {
  watch_->stopped = true;
  connection_.close("the browser was closed");
  co_await contained_->stop(deadline);
}

const std::string& BrowserProcess::user_agent() const { return watch_->user_agent; }

DownloadPlace BrowserProcess::downloads() const {
  return {.as_it_sees_it = launcher::kDownloadsInside, .as_we_see_it = contained_->downloads()};
}

}  // namespace totpilot::chrome

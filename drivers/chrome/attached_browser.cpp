#include "drivers/chrome/attached_browser.h"

#include <stdlib.h>

#include "drivers/cdp/browser.h"
#include "drivers/cdp/runtime.h"
#include "drivers/cdp/target.h"
#include "drivers/chrome/chrome_session.h"
#include "drivers/chrome/refusal.h"
#include "drivers/transport/websocket_transport.h"

namespace totpilot::chrome {
namespace {

/// A directory of its own, gone with it.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::error_code error;
    std::string pattern = (std::filesystem::temp_directory_path(error) / "totpilot-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
      throw Failure(Outcome::kStorageFailed, "cannot make a directory for downloads");
    path_ = pattern;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class AttachedBrowser final : public Browser {
 public:
  AttachedBrowser(const boost::asio::any_io_executor& executor, boost::asio::thread_pool& pool,
                  std::unique_ptr<transport::Transport> transport)
      : connection_(executor, pool, std::move(transport)) {}

  cdp::Connection& connection() override { return connection_; }
  const std::string& user_agent() const override { return user_agent_; }
  DownloadPlace downloads() const override {
    return {.as_it_sees_it = directory_.path().string(), .as_we_see_it = directory_.path()};
  }
  task<void> stop(Deadline) override {
    connection_.close("the browser was left");
    co_return;
  }

  task<PreparedPage> take_page(std::string proxy, Deadline deadline) {
    user_agent_ = (co_await not_refused(cdp::browser::get_version(*session(), deadline), "its version")).user_agent;
    const std::string context = co_await not_refused(
        cdp::target::create_context(*session(), context_options(std::move(proxy)), deadline), "a context");
    leave_alone_ = session()->on(cdp::target::kAttached, [this, context](const nlohmann::json& event) {
      const auto attached = cdp::target::read_attached(event);
      if (attached.info.context != context) let_be(attached);
    });
    cdp::target::attach_to_pages(*session());
    co_return co_await open_first_page(session(), context, downloads().as_it_sees_it, deadline);
  }

 private:
  /// Somebody else's page, which attaching has brought to a stand.
  void let_be(const cdp::target::Attached& attached) {
    if (const auto page = connection_.session(attached.session_id)) cdp::runtime::run_if_waiting_for_debugger(*page);
    cdp::target::detach(*session(), attached.session_id);
  }

  TemporaryDirectory directory_;
  cdp::Connection connection_;
  std::string user_agent_;
  cdp::Subscription leave_alone_;
};

class AttachedPort final : public browser::BrowserPort {
 public:
  AttachedPort(boost::asio::thread_pool& pool, const Clock& clock, std::string url)
      : pool_(pool), clock_(clock), url_(std::move(url)) {}

  void warm_up() override {}
  task<void> stand_by(Deadline) override { co_return; }

  task<std::unique_ptr<browser::SessionPort>> lease(browser::SessionOptions options, Deadline deadline) override {
    const auto executor = co_await boost::asio::this_coro::executor;
    auto transport = co_await transport::connect_websocket(url_, deadline);
    auto browser = std::make_unique<AttachedBrowser>(executor, pool_, std::move(transport));
    const std::string proxy = options.proxy;
    auto page = co_await browser->take_page(proxy, deadline);
    auto session = std::make_unique<ChromeSession>(ChromeSession::Parts{.browser = std::move(browser),
                                                                        .first_page = std::move(page),
                                                                        .options = std::move(options),
                                                                        .clock = &clock_,
                                                                        .when_over = {},
                                                                        .deadline = deadline});
    co_await session->start(deadline);
    co_return session;
  }

 private:
  boost::asio::thread_pool& pool_;
  const Clock& clock_;
  std::string url_;
};

}  // namespace

std::unique_ptr<browser::BrowserPort> make_attached_browser_port(boost::asio::thread_pool& pool, const Clock& clock,
                                                                 std::string url) {
  return std::make_unique<AttachedPort>(pool, clock, std::move(url));
}

}  // namespace totpilot::chrome

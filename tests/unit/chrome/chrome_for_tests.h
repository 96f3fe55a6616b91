#pragma once
// ChromeForTests: a real Chrome with one disposable context, and attached pages in it, without a session port above.
#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <string>

#include "drivers/cdp/target.h"
#include "drivers/chrome/browser_process.h"

namespace totpilot::tests {

class ChromeForTests {
 public:
  explicit ChromeForTests(chrome::BrowserSettings settings = {}) {
    browser_ = std::make_unique<chrome::BrowserProcess>(context_.get_executor(), pool_, settings);
    attached_ = browser_->session()->on(cdp::target::kAttached, [this](const nlohmann::json& event) {
      const auto attached = cdp::target::read_attached(event);
      sessions_[attached.info.id] = attached.session_id;
    });
    cdp::target::attach_to_pages(*browser_->session());
    run(browser_->ready(soon()));
    browser_context_ = run(cdp::target::create_context(*browser_->session(), {}, soon()));
  }

  static Deadline soon() { return Deadline::after(std::chrono::seconds(30)); }

  boost::asio::io_context& context() { return context_; }
  boost::asio::thread_pool& pool() { return pool_; }
  chrome::BrowserProcess& browser() { return *browser_; }
  const std::string& browser_context() const { return browser_context_; }
  /// Kills the browser.
  void kill() { browser_.reset(); }

  template <class T>
  T run(task<T> work) {
    return run_to_end(context_, std::move(work));
  }

  /// A new page at about:blank that stands still until Runtime.runIfWaitingForDebugger.
  std::shared_ptr<cdp::Session> page() {
    const std::string target =
        run(cdp::target::create_page(*browser_->session(), browser_context_, {.width = 1280, .height = 900}, soon()));
    // The event precedes the reply.
    return browser_->connection().session(sessions_.at(target));
  }

 private:
  boost::asio::io_context context_;
  boost::asio::thread_pool pool_{1};
  std::unique_ptr<chrome::BrowserProcess> browser_;
  std::map<std::string, std::string> sessions_;  // by target id
  cdp::Subscription attached_;
  std::string browser_context_;
};

}  // namespace totpilot::tests

#pragma once
// PreparedBrowser: a browser process with a disposable context and a first page in it, made ahead of need; what a warm
// pool holds. The blank page runs, so that its process is up; a session port sets it up before it goes anywhere.
// Browser io_context only.
#include <memory>
#include <string>

#include "drivers/cdp/target.h"
#include "drivers/chrome/browser_process.h"

namespace totpilot::chrome {

struct PreparedPage {
  std::string context;  // browser context id
  std::shared_ptr<cdp::Session> session;
};

class PreparedBrowser {
 public:
  /// Starts it and returns at once. browser_lost when not even the helper starts.
  PreparedBrowser(const boost::asio::any_io_executor& executor, boost::asio::thread_pool& pool,
                  const BrowserSettings& settings);
  ~PreparedBrowser();
  PreparedBrowser(const PreparedBrowser&) = delete;
  PreparedBrowser& operator=(const PreparedBrowser&) = delete;

  /// Still worth waiting for, or using.
  bool good() const;
  /// Waits until it is prepared. browser_lost with the reason when that fails.
  task<void> prepared(Deadline deadline);
  /// The same, and takes the page. Once.
  task<PreparedPage> take_page(Deadline deadline);
  /// Another context with its own proxy, and a page in it; the prepared context is given up.
  task<PreparedPage> take_page_through(std::string proxy, Deadline deadline);
  /// After take_page().
  std::unique_ptr<BrowserProcess> release_process();

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the preparation, which may end after us
};

/// A page of `context`, attached and standing still. Its attach event reaches the browser session's other subscribers
/// too.
task<std::shared_ptr<cdp::Session>> open_page(std::shared_ptr<cdp::Session> browser, std::string context,
                                              Deadline deadline);
/// The same in a fresh context, which is allowed to download to `directory` (as the browser sees it) and to use the
/// clipboard.
task<PreparedPage> open_first_page(std::shared_ptr<cdp::Session> browser, std::string context, std::string directory,
                                   Deadline deadline);
/// With loopback behind the proxy too, which Chrome leaves out unless told otherwise.
cdp::target::ContextOptions context_options(std::string proxy);

}  // namespace totpilot::chrome

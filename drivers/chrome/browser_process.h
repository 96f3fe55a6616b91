#pragma once
// BrowserProcess: one contained Chrome and the protocol connection to it. It dies with its owner; when it hangs or goes
// away by itself, its connection ends and with it every call that waits. Browser io_context only.
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/base/async.h"
#include "drivers/cdp/connection.h"
#include "drivers/chrome/browser.h"
#include "drivers/chrome/flags.h"
#include "drivers/launcher/launcher.h"

namespace totpilot::chrome {

struct BrowserSettings {
  Program program{};
  std::filesystem::path helper{};               // empty: found beside the running program
  std::vector<std::filesystem::path> hidden{};  // our state and key directories, from the browser
  uid_t first_uid = 59000;                      // as root: uids for browsers
  unsigned uid_count = 256;
  std::chrono::milliseconds hang_after = std::chrono::seconds(15);  // no answer for so long: killed
};

class BrowserProcess final : public Browser {
 public:
  /// Starts it and returns at once; messages may be sent at once too. browser_lost when not even the helper starts.
  BrowserProcess(const boost::asio::any_io_executor& executor, boost::asio::thread_pool& pool,
                 const BrowserSettings& settings);
  /// Kills it; nothing of it is left when this returns.
  ~BrowserProcess() override;
  BrowserProcess(const BrowserProcess&) = delete;
  BrowserProcess& operator=(const BrowserProcess&) = delete;

  /// Returns when it has answered for the first time. browser_lost, with the reason, when it cannot be started.
  task<void> ready(Deadline deadline);
  bool alive() const { return !connection_.closed(); }
  /// After ready(): the init of its PID namespace.
  pid_t init() const { return contained_->init(); }

  cdp::Connection& connection() override { return connection_; }
  /// After ready().
  const std::string& user_agent() const override;
  DownloadPlace downloads() const override;
  task<void> stop(Deadline deadline) override;

 private:
  struct Watch;

  std::shared_ptr<launcher::ContainedBrowser> contained_;  // shared with a ready() that may still be under way
  cdp::Connection connection_;
  std::shared_ptr<Watch> watch_;
};

}  // namespace totpilot::chrome

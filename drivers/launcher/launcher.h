#pragma once
// launcher: starts a contained browser through the helper totpilot-browser. Nothing of it is left when the
// ContainedBrowser has been destroyed, or this process has died, however it died. Browser io_context only.
#include <sys/types.h>

#include <boost/asio/any_io_executor.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "agent/base/async.h"
#include "agent/base/unique_fd.h"
#include "drivers/launcher/protocol.h"

namespace totpilot::launcher {

/// The helper beside the running program, or in its libexec directory; `configured` wins when it is not empty: a
/// program, or the socket of one that a service manager starts. browser_lost when there is none.
std::filesystem::path find_helper(const std::filesystem::path& configured);

class ContainedBrowser {
 public:
  virtual ~ContainedBrowser() = default;  // kills and waits until nothing is left (milliseconds)

  /// Our end of the DevTools pipe; once. May be written to at once, before ready().
  virtual UniqueFd take_devtools() = 0;
  /// Returns when the browser's program runs. browser_lost with the helper's reason and hint when it does not.
  virtual task<void> ready(Deadline deadline) = 0;
  /// After ready(): where this process finds what the browser downloads (as `kDownloadsInside` there). Gone with this
  /// object.
  virtual std::filesystem::path downloads() const = 0;
  /// After ready(): the namespace's init, whose descendants are all there is of the browser; as the helper numbers it.
  virtual pid_t init() const = 0;
  /// Why it has ended; empty while it runs.
  virtual const std::string& end_reason() const = 0;
  /// Returns when it has ended by itself and nothing is left.
  virtual task<void> ended(Deadline deadline) = 0;
  /// Has it killed; returns at once.
  virtual void kill() = 0;
  /// Kills it and returns when nothing is left.
  virtual task<void> stop(Deadline deadline) = 0;
};

/// Returns at once; what goes wrong later is told by ready(). browser_lost when the helper itself cannot be started.
std::unique_ptr<ContainedBrowser> launch(const boost::asio::any_io_executor& executor,
                                         const std::filesystem::path& helper, const Request& request);

}  // namespace totpilot::launcher

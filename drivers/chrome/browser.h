#pragma once
// Browser: what a session port needs of the browser below it, be it a process of our own or one that was already there.
// Browser io_context only.
#include <filesystem>
#include <memory>
#include <string>

#include "agent/base/async.h"
#include "drivers/cdp/connection.h"

namespace totpilot::chrome {

/// Where downloads land.
struct DownloadPlace {
  std::string as_it_sees_it;
  std::filesystem::path as_we_see_it;
};

class Browser {
 public:
  virtual ~Browser() = default;

  virtual cdp::Connection& connection() = 0;
  /// Its User-Agent header.
  virtual const std::string& user_agent() const = 0;
  virtual DownloadPlace downloads() const = 0;
  /// Ends what is ours of it and returns when nothing is left; the destructor does the same, but blocks for it.
  virtual task<void> stop(Deadline deadline) = 0;

  std::shared_ptr<cdp::Session> session() { return connection().browser(); }
};

}  // namespace totpilot::chrome

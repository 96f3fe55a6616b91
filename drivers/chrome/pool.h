#pragma once
// Pool: the browser port. One contained browser process per session, one kept warm, at most so many at once; the next
// in line waits. Browser io_context only.
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>

#include "agent/base/clock.h"
#include "agent/browser/browser_port.h"
#include "drivers/chrome/browser_process.h"

namespace totpilot::chrome {

enum class Warm {
  kOnRequest,
  kAlways
};  // kAlways: another one is started whenever a lease leaves none and nobody waits

struct PoolSettings {
  BrowserSettings browser{};
  Warm warm = Warm::kOnRequest;
  std::size_t most_at_once = 0;  // 0: two per core
  std::chrono::milliseconds idle =
      std::chrono::minutes(1);  // a warm browser that nobody needs ends after this (with kOnRequest)
};

/// `executor` is the browser io_context's; `pool`, `clock` and the io_context must outlive the port and its sessions.
std::unique_ptr<browser::BrowserPort> make_browser_port(const boost::asio::any_io_executor& executor,
                                                        boost::asio::thread_pool& pool, const Clock& clock,
                                                        PoolSettings settings);

}  // namespace totpilot::chrome

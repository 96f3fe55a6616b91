#pragma once
// What leaves this room is a Failure: a protocol call that the browser refuses, and that nothing here can do without,
// is browser_lost.
#include <string>

#include "agent/base/async.h"
#include "drivers/cdp/session.h"

namespace totpilot::chrome {

/// `work`, with a refusal told as "the browser refused `what`".
template <class T>
task<T> not_refused(task<T> work, std::string what) {
  try {
    co_return co_await std::move(work);
  } catch (const cdp::ProtocolError&) {
    throw Failure(Outcome::kBrowserLost, "the browser refused " + what);
  }
}

}  // namespace totpilot::chrome

#pragma once
// The download events of the Browser domain; on the browser's own session, once browser::allow_downloads() was called.
#include <functional>
#include <string>

#include "drivers/cdp/reply.h"

namespace totpilot::cdp::download {

struct Begun {
  std::string guid;  // also the file's name
  std::string suggested_name;
};
enum class State { kInProgress, kCompleted, kCanceled };
struct Progress {
  std::string guid;
  State state = State::kInProgress;
};

Subscription on_begun(Session& browser, std::function<void(Begun)> handler);
Subscription on_progress(Session& browser, std::function<void(Progress)> handler);

}  // namespace totpilot::cdp::download

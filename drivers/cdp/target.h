#pragma once
// The Target domain, as far as we use it: browser contexts, pages, attaching to what opens by itself.
#include <string>
#include <string_view>

#include "drivers/cdp/reply.h"

namespace totpilot::cdp::target {

// Events. kAttached comes from the parent session; the Connection has made the new session by then.
inline constexpr const char* kAttached = "Target.attachedToTarget";
inline constexpr const char* kDetached = "Target.detachedFromTarget";

struct Info {
  std::string id;
  std::string type;  // "page", "iframe", "worker", "service_worker", ...
  std::string url;
  std::string context;  // browser context id
  std::string opener;   // target id; empty: nobody
};

struct Attached {
  std::string session_id;
  Info info;
  bool waiting = false;  // stands still until runtime::run_if_waiting_for_debugger()
};
Attached read_attached(const nlohmann::json& event);

struct ContextOptions {
  std::string proxy;         // "http://host:port"; empty: the browser's
  std::string proxy_bypass;  // comma-separated patterns
};
/// A context that ends with the connection, with nothing of it on disk. Gives its id.
task<std::string> create_context(Session& browser, ContextOptions options, Deadline deadline);
void dispose_context(Session& browser, const std::string& context);

struct Size {
  int width = 1280;
  int height = 900;
};
/// A page at about:blank, in a headed browser in a window of about that size. Gives its target id; with auto-attach on,
/// kAttached comes too.
task<std::string> create_page(Session& browser, const std::string& context, Size size, Deadline deadline);
task<void> close_page(Session& browser, const std::string& target, Deadline deadline);

/// The browser's session: attaches to every page that opens in any context, standing still until it is let run; to
/// nothing else.
void attach_to_pages(Session& browser);
void detach(Session& browser, const std::string& session_id);
/// A page's or frame's session: attaches to its out-of-process iframes, standing still; to no worker.
void attach_to_frames(Session& page);

}  // namespace totpilot::cdp::target

#pragma once
// The Page domain, as far as one page's documents and frames go.
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "agent/base/secret.h"
#include "drivers/cdp/reply.h"

namespace totpilot::cdp::document {

struct Frame {
  std::string id;
  std::string parent_id;  // empty: the main frame
  std::string url;
};

struct Navigation {
  std::string error;  // "net::ERR_CONNECTION_REFUSED"; empty: it was committed
  bool same_document = false;
};

struct Clip {
  double x = 0;  // CSS pixels of the document
  double y = 0;
  double width = 0;
  double height = 0;
  double scale = 1;
};

void enable(Session& session);
/// Evaluates `script` in the isolated world `world` of every document, in the current one too, before the page's own
/// scripts.
void add_script(Session& session, std::string_view script, std::string world);
/// Makes the isolated world of a frame that runs no scripts of its own.
task<void> create_world(Session& session, std::string frame_id, std::string world, Deadline deadline);

/// Answers when the navigation is committed or has failed.
task<Navigation> navigate(Session& session, std::string url, Deadline deadline);
/// A PNG of the clip, or of the viewport; its base64 text is wiped.
task<Secret> capture(Session& session, std::optional<Clip> clip, Deadline deadline);

Subscription on_frame_navigated(Session& session, std::function<void(Frame)> handler);
Subscription on_navigated_within(Session& session, std::function<void(Frame)> handler);
Subscription on_frame_detached(Session& session, std::function<void(std::string frame_id)> handler);
/// A load ended, well or not: also a navigation that became a download or was answered by 204.
Subscription on_stopped_loading(Session& session, std::function<void(std::string frame_id)> handler);

}  // namespace totpilot::cdp::document

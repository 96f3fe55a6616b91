#pragma once
// The DOM domain, as far as we use it: what the page's own scripts cannot reach or give (frame ids, closed shadow
// roots, files).
#include <string>
#include <vector>

#include "drivers/cdp/reply.h"

namespace totpilot::cdp::dom {

struct ClosedRoot {
  int backend_node_id = 0;
  std::string frame_id;  // of the same-process frame whose document holds it; empty: the session's own document
};

/// The id of the frame that an <iframe> element (an object id) holds; empty where it holds none.
task<std::string> frame_of(Session& session, std::string object_id, Deadline deadline);
/// All closed shadow roots of the session's documents. Slow on large pages (304 ms for 32,000 nodes); leaves the domain
/// disabled.
task<std::vector<ClosedRoot>> closed_roots(Session& session, Deadline deadline);
/// The node as an object of the context with this (not unique) id.
task<std::string> resolve(Session& session, int backend_node_id, int context_id, Deadline deadline);
/// Sets the files of an <input type=file>; paths as the browser sees them.
task<void> set_files(Session& session, std::string object_id, std::vector<std::string> paths, Deadline deadline);

}  // namespace totpilot::cdp::dom

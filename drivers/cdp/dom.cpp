#include "drivers/cdp/dom.h"

namespace totpilot::cdp::dom {
namespace {

using nlohmann::json;

/// Walks the tree without recursion: a page decides how deep it is.
std::vector<ClosedRoot> find_closed(const json& document) {
  struct Step {
    const json* node;
    std::string frame_id;
  };
  std::vector<ClosedRoot> found;
  std::vector<Step> steps{{&document, {}}};
  while (!steps.empty()) {
    const Step at = std::move(steps.back());
    steps.pop_back();
    if (!at.node->is_object()) continue;
    if (text_or(*at.node, "shadowRootType") == "closed") {
      const auto id = at.node->find("backendNodeId");
      if (id != at.node->end() && id->is_number_integer())
        found.push_back({.backend_node_id = id->get<int>(), .frame_id = at.frame_id});
    }
    for (const char* list : {"children", "shadowRoots"}) {
      if (const auto nodes = at.node->find(list); nodes != at.node->end() && nodes->is_array()) {
        for (const json& node : *nodes) steps.push_back({&node, at.frame_id});
      }
    }
    if (const auto inner = at.node->find("contentDocument"); inner != at.node->end()) {
      steps.push_back({&*inner, text_or(*at.node, "frameId", at.frame_id)});
    }
  }
  return found;
}

}  // namespace

task<std::string> frame_of(Session& session, std::string object_id, Deadline deadline) {
  return read_reply(session.call("DOM.describeNode", {{"objectId", std::move(object_id)}, {"depth", 0}}, deadline),
                    [](json reply) { return text_or(member_of(reply, "node"), "frameId"); });
}

task<std::vector<ClosedRoot>> closed_roots(Session& session, Deadline deadline) {
  auto tree = session.call("DOM.getDocument", {{"depth", -1}, {"pierce", true}}, deadline);
  session.post("DOM.disable", json::object());
  return read_reply(std::move(tree), [](json reply) { return find_closed(member_of(reply, "root")); });
}

task<std::string> resolve(Session& session, int backend_node_id, int context_id, Deadline deadline) {
  return read_reply(session.call("DOM.resolveNode",
                                 {{"backendNodeId", backend_node_id}, {"executionContextId", context_id}}, deadline),
                    [](json reply) { return text_or(member_of(reply, "object"), "objectId"); });
}

task<void> set_files(Session& session, std::string object_id, std::vector<std::string> paths, Deadline deadline) {
  return no_result(session.call("DOM.setFileInputFiles",
                                {{"files", std::move(paths)}, {"objectId", std::move(object_id)}}, deadline));
}

}  // namespace totpilot::cdp::dom

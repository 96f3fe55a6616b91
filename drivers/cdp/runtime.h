#pragma once
// The Runtime domain, as far as we use it. Contexts are named by their unique id, which no other process or document
// can have: a call for a context that is gone fails instead of running elsewhere.
#include <functional>
#include <string>
#include <string_view>

#include "drivers/cdp/reply.h"

namespace totpilot::cdp::runtime {

struct Context {
  int id = 0;  // unique within one renderer only; for DOM.resolveNode
  std::string unique_id;
  std::string frame_id;
  std::string world;       // the isolated world's name; empty for the page's own
  bool own_world = false;  // the page's own
  std::string origin;      // "https://app.example"; something else for opaque ones
};

struct Function {
  std::string_view declaration;
  nlohmann::json arguments = nlohmann::json::array();  // plain values
  Sensitivity sensitivity = Sensitivity::kPlain;
};

/// What the function threw inside the page: our script failed. `text` may hold page content, so it is for debug logs
/// only.
struct ScriptError {
  std::string text;
};

void enable(Session& session);
/// A function `name` in every context of the isolated world `world`, now and later; its calls are events.
void add_binding(Session& session, std::string name, std::string world);
void run_if_waiting_for_debugger(Session& session);

/// Awaits what the function gives or promises, by value; null for undefined. Throws ScriptError.
task<nlohmann::json> call(Session& session, std::string context, Function function, Deadline deadline);
/// The same, as an object id; empty for null.
task<std::string> call_for_object(Session& session, std::string context, Function function, Deadline deadline);
/// With an object as `this`.
task<void> call_on(Session& session, std::string object_id, std::string_view declaration, Deadline deadline);
/// As call(), in the own world of the document that the main frame shows when it arrives.
task<nlohmann::json> call_in_document(Session& session, Function function, Deadline deadline);
/// Evaluates a script in a context.
task<void> evaluate(Session& session, std::string context, std::string_view script, Deadline deadline);

Subscription on_context_created(Session& session, std::function<void(Context)> handler);
Subscription on_context_destroyed(Session& session, std::function<void(std::string unique_id)> handler);
Subscription on_contexts_cleared(Session& session, std::function<void()> handler);
/// The payload of each call of the binding.
Subscription on_binding_called(Session& session, std::string name, std::function<void(std::string payload)> handler);

}  // namespace totpilot::cdp::runtime

#include "drivers/cdp/runtime.h"

#include "agent/base/secret.h"
#include "drivers/cdp/bounded_json.h"

namespace totpilot::cdp::runtime {
namespace {

using nlohmann::json;

json call_params(std::string context, Function& function) {
  json arguments = json::array();
  for (json& value : function.arguments) {
    json argument = json::object();
    argument["value"] = std::move(value);
    arguments.push_back(std::move(argument));
  }
  return {{"functionDeclaration", function.declaration},
          {"uniqueContextId", std::move(context)},
          {"arguments", std::move(arguments)},
          {"awaitPromise", true}};
}

/// The remote object of a reply; throws what the page's side threw.
json result_of(json reply) {
  if (const auto details = reply.find("exceptionDetails"); details != reply.end()) {
    const auto exception = details->find("exception");
    throw ScriptError{exception != details->end() ? text_or(*exception, "description", text_or(*details, "text"))
                                                  : text_or(*details, "text")};
  }
  const auto result = reply.find("result");
  return result != reply.end() ? std::move(*result) : json::object();
}

json value_of(json reply) {
  json result = result_of(std::move(reply));
  const auto value = result.find("value");
  return value != result.end() ? std::move(*value) : json();
}

}  // namespace

// Brings what pages write to their console as well, which the connection drops unread; contexts come no other way.
void enable(Session& session) { session.post("Runtime.enable", json::object()); }

void add_binding(Session& session, std::string name, std::string world) {
  session.post("Runtime.addBinding", {{"name", std::move(name)}, {"executionContextName", std::move(world)}});
}

void run_if_waiting_for_debugger(Session& session) { session.post("Runtime.runIfWaitingForDebugger", json::object()); }

task<json> call(Session& session, std::string context, Function function, Deadline deadline) {
  json params = call_params(std::move(context), function);
  params["returnByValue"] = true;
  return read_reply(session.call("Runtime.callFunctionOn", std::move(params), deadline, function.sensitivity),
                    value_of);
}

task<json> call_in_document(Session& session, Function function, Deadline deadline) {
  // JSON is an expression of the language (ECMAScript 2019).
  std::string arguments = secret_text(function.arguments, Characters::kAscii);
  std::string expression;
  expression.reserve(function.declaration.size() + arguments.size() + 8);
  expression.append("(").append(function.declaration).append(")(...").append(arguments).append(")");
  if (function.sensitivity == Sensitivity::kSecret) {
    wipe(arguments);
    wipe_strings(function.arguments);
  }
  json params = {{"expression", std::move(expression)}, {"awaitPromise", true}, {"returnByValue", true}};
  return read_reply(session.call("Runtime.evaluate", std::move(params), deadline, function.sensitivity), value_of);
}

task<std::string> call_for_object(Session& session, std::string context, Function function, Deadline deadline) {
  return read_reply(
      session.call("Runtime.callFunctionOn", call_params(std::move(context), function), deadline, function.sensitivity),
      [](json reply) { return text_or(result_of(std::move(reply)), "objectId"); });
}

task<void> call_on(Session& session, std::string object_id, std::string_view declaration, Deadline deadline) {
  return no_result(session.call("Runtime.callFunctionOn",
                                {{"functionDeclaration", declaration}, {"objectId", std::move(object_id)}}, deadline));
}

task<void> evaluate(Session& session, std::string context, std::string_view script, Deadline deadline) {
  return no_result(
      session.call("Runtime.evaluate", {{"expression", script}, {"uniqueContextId", std::move(context)}}, deadline));
}

Subscription on_context_created(Session& session, std::function<void(Context)> handler) {
  return session.on("Runtime.executionContextCreated", [handler = std::move(handler)](const json& params) {
    const json& context = member_of(params, "context");
    const auto id = context.find("id");
    const auto data = context.find("auxData");
    if (data == context.end() || id == context.end() || !id->is_number_integer()) return;
    const auto own = data->find("isDefault");
    const bool own_world = own != data->end() && own->is_boolean() && own->get<bool>();
    handler({.id = id->get<int>(),
             .unique_id = text_or(context, "uniqueId"),
             .frame_id = text_or(*data, "frameId"),
             .world = own_world ? std::string() : text_or(context, "name"),
             .own_world = own_world,
             .origin = text_or(context, "origin")});
  });
}

Subscription on_context_destroyed(Session& session, std::function<void(std::string)> handler) {
  return session.on("Runtime.executionContextDestroyed", [handler = std::move(handler)](const json& params) {
    handler(text_or(params, "executionContextUniqueId"));
  });
}

Subscription on_contexts_cleared(Session& session, std::function<void()> handler) {
  return session.on("Runtime.executionContextsCleared", [handler = std::move(handler)](const json&) { handler(); });
}

Subscription on_binding_called(Session& session, std::string name, std::function<void(std::string)> handler) {
  return session.on("Runtime.bindingCalled",
                    [name = std::move(name), handler = std::move(handler)](const json& params) {
                      if (text_or(params, "name") == name) handler(text_or(params, "payload"));
                    });
}

}  // namespace totpilot::cdp::runtime

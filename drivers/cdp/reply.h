#pragma once
// How the functions of a protocol domain are written: they call at once (so that several leave in one write) and read
// the reply into a type when awaited. A reply of another shape than the protocol says is browser_lost, not undefined
// behaviour.
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "drivers/cdp/session.h"

namespace totpilot::cdp {

/// Awaits `reply` and gives what `read` makes of it. Not a coroutine itself, so the call in its argument has been sent
/// already.
template <class Read>
auto read_reply(task<nlohmann::json> reply, Read read) -> task<std::invoke_result_t<Read, nlohmann::json>> {
  return [](task<nlohmann::json> coming, Read reader) -> task<std::invoke_result_t<Read, nlohmann::json>> {
    nlohmann::json value = co_await std::move(coming);
    co_return reader(std::move(value));
  }(std::move(reply), std::move(read));
}

/// Awaits `reply` for its success only.
inline task<void> no_result(task<nlohmann::json> reply) {
  return read_reply(std::move(reply), [](const nlohmann::json&) {});
}

/// Members of what the browser sent. Missing or of another type: browser_lost.
inline const nlohmann::json& member_of(const nlohmann::json& object, const char* name) {
  if (const auto found = object.is_object() ? object.find(name) : object.end(); found != object.end()) return *found;
  throw Failure(Outcome::kBrowserLost, std::string("the browser's answer lacks ") + name);
}
inline std::string text_of(const nlohmann::json& object, const char* name) {
  const auto& value = member_of(object, name);
  if (value.is_string()) return value.get<std::string>();
  throw Failure(Outcome::kBrowserLost, std::string("the browser's answer has no text in ") + name);
}
/// `otherwise` where it is missing or of another type.
inline std::string text_or(const nlohmann::json& object, const char* name, std::string otherwise = {}) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::move(otherwise);
}

}  // namespace totpilot::cdp

#include "drivers/cdp/input.h"

namespace totpilot::cdp::input {
namespace {

using nlohmann::json;

json mouse(const char* type, double x, double y, const char* button, int buttons) {
  return {{"type", type},
          {"x", x},
          {"y", y},
          {"button", button},
          {"buttons", buttons},
          {"clickCount", button[0] == 'n' ? 0 : 1}};
}

json key_event(const char* type, const Key& key) {
  json event = {{"type", type},
                {"key", key.name},
                {"code", key.code},
                {"windowsVirtualKeyCode", key.virtual_key},
                {"nativeVirtualKeyCode", key.virtual_key}};
  if (!key.text.empty() && std::string_view(type) == "keyDown") event["text"] = event["unmodifiedText"] = key.text;
  return event;
}

}  // namespace

task<void> click(Session& session, double x, double y, Deadline deadline) {
  session.post("Input.dispatchMouseEvent", mouse("mouseMoved", x, y, "none", 0));
  session.post("Input.dispatchMouseEvent", mouse("mousePressed", x, y, "left", 1));
  return no_result(session.call("Input.dispatchMouseEvent", mouse("mouseReleased", x, y, "left", 0), deadline));
}

task<void> press(Session& session, Key key, Deadline deadline) {
  session.post("Input.dispatchKeyEvent", key_event(key.text.empty() ? "rawKeyDown" : "keyDown", key));
  return no_result(session.call("Input.dispatchKeyEvent", key_event("keyUp", key), deadline));
}

}  // namespace totpilot::cdp::input

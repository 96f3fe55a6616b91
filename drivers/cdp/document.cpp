#include "drivers/cdp/document.h"

#include "agent/base/encoding.h"

namespace totpilot::cdp::document {
namespace {

using nlohmann::json;

Subscription on_frame_id(Session& session, const char* event, std::function<void(std::string)> handler) {
  return session.on(event, [handler = std::move(handler)](const json& params) { handler(text_or(params, "frameId")); });
}

}  // namespace

void enable(Session& session) { session.post("Page.enable", json::object()); }

void add_script(Session& session, std::string_view script, std::string world) {
  session.post("Page.addScriptToEvaluateOnNewDocument",
               {{"source", script}, {"worldName", std::move(world)}, {"runImmediately", true}});
}

task<void> create_world(Session& session, std::string frame_id, std::string world, Deadline deadline) {
  return no_result(session.call("Page.createIsolatedWorld",
                                {{"frameId", std::move(frame_id)}, {"worldName", std::move(world)}}, deadline));
}

task<Navigation> navigate(Session& session, std::string url, Deadline deadline) {
  return read_reply(session.call("Page.navigate", {{"url", std::move(url)}}, deadline), [](json reply) {
    return Navigation{.error = text_or(reply, "errorText"), .same_document = !reply.contains("loaderId")};
  });
}

task<Secret> capture(Session& session, std::optional<Clip> clip, Deadline deadline) {
  json params = {{"format", "png"}, {"optimizeForSpeed", true}};
  if (clip) {
    params["clip"] = {
        {"x", clip->x}, {"y", clip->y}, {"width", clip->width}, {"height", clip->height}, {"scale", clip->scale}};
    params["captureBeyondViewport"] = false;
  }
  return read_reply(session.call("Page.captureScreenshot", std::move(params), deadline, Sensitivity::kSecret),
                    [](json reply) {
                      std::string text = text_of(reply, "data");
                      std::optional<std::string> png = base64_decode(text);
                      wipe(text);
                      if (auto* held = reply["data"].get_ptr<std::string*>()) wipe(*held);
                      if (!png) throw Failure(Outcome::kBrowserLost, "the browser's picture is not base64");
                      return Secret(std::move(*png));
                    });
}

Subscription on_frame_navigated(Session& session, std::function<void(Frame)> handler) {
  return session.on("Page.frameNavigated", [handler = std::move(handler)](const json& params) {
    const json& frame = member_of(params, "frame");
    handler({.id = text_or(frame, "id"), .parent_id = text_or(frame, "parentId"), .url = text_or(frame, "url")});
  });
}

Subscription on_navigated_within(Session& session, std::function<void(Frame)> handler) {
  return session.on("Page.navigatedWithinDocument", [handler = std::move(handler)](const json& params) {
    handler({.id = text_or(params, "frameId"), .parent_id = {}, .url = text_or(params, "url")});
  });
}

Subscription on_frame_detached(Session& session, std::function<void(std::string)> handler) {
  return session.on("Page.frameDetached", [handler = std::move(handler)](const json& params) {
    // "swap": the frame goes on in another process.
    if (text_or(params, "reason") != "swap") handler(text_or(params, "frameId"));
  });
}

Subscription on_stopped_loading(Session& session, std::function<void(std::string)> handler) {
  return on_frame_id(session, "Page.frameStoppedLoading", std::move(handler));
}

}  // namespace totpilot::cdp::document

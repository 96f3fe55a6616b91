// Verbs that look: readings, pictures of what may be a QR code, and the evidence for a report.
#include "agent/base/log.h"
#include "drivers/cdp/document.h"
#include "drivers/page/page_port.h"
#include "drivers/page/request.h"

namespace totpilot::page {

using browser::Locator;
using browser::Picture;
using browser::Reading;
using nlohmann::json;

namespace {

Reading::Kind kind_of(const std::string& name) {
  if (name == "value") return Reading::Kind::kValue;
  if (name == "attribute") return Reading::Kind::kAttribute;
  return name == "link" ? Reading::Kind::kLink : Reading::Kind::kText;
}

/// Takes the text out of the document, so that no copy of it stays there.
Secret take_text(json& value) {
  auto* text = value.get_ptr<std::string*>();
  return text ? Secret(std::move(*text)) : Secret();
}

/// Device pixels per CSS pixel: a QR code of 57 modules wants at least five pixels each.
double scale_for(double shortest) {
  return std::clamp(400.0 / shortest, 1.0, 4.0) < 1.5 ? 1.0 : std::max(2.0, std::clamp(400.0 / shortest, 1.0, 4.0));
}

}  // namespace

task<std::vector<Reading>> Page::read(std::optional<Locator> scope, Deadline deadline) {
  Question question{.verb = "read",
                    .doing = "read " + (scope ? to_string(*scope) : "the page"),
                    .sensitivity = cdp::Sensitivity::kSecret};
  json found;
  if (scope) {
    InFrame answered = co_await ask_about(std::move(*scope), std::move(question), deadline);
    found = std::move(answered.answer.value);
  } else {
    Answer answer = co_await asker_.ask(asker_.main(), std::move(question), deadline);
    found = std::move(answer.value);
  }
  std::vector<Reading> readings;
  for (json& one : found) {
    if (!one.is_object() || !one.contains("content")) continue;
    readings.push_back({.kind = kind_of(cdp::text_or(one, "kind")),
                        .where = cdp::text_or(one, "where"),
                        .content = take_text(one["content"])});
  }
  co_return readings;
}

task<std::vector<Picture>> Page::pictures(std::optional<Locator> scope, Deadline deadline) {
  Question question{.verb = "pictures", .doing = "find pictures in " + (scope ? to_string(*scope) : "the page")};
  InFrame found{.answer = {}, .frame = asker_.main()};
  if (scope) {
    found = co_await ask_about(std::move(*scope), std::move(question), deadline);
  } else {
    found.answer = co_await asker_.ask(found.frame, std::move(question), deadline);
  }
  std::vector<Picture> pictures;
  for (const json& one : found.answer.value) {
    auto picture = co_await picture_of(found, one, deadline);
    if (picture) pictures.push_back(std::move(*picture));
  }
  co_return pictures;
}

/// A clip of the page around the element; nothing where it went away meanwhile.
task<std::optional<Picture>> Page::picture_of(InFrame found, json picture, Deadline deadline) {
  Question pose{
      .verb = "pose", .request = {{"handle", picture.value("handle", 0)}}, .doing = "bring a picture into view"};
  const auto box = co_await asker_.ask_here(found.answer.world, std::move(pose), deadline);
  if (!box || !box->is_object()) co_return std::nullopt;
  try {
    const Offset offset = co_await asker_.offset_of(found.frame, deadline);
    const Answer scroll = co_await asker_.ask(
        asker_.main(), Question{.verb = "scroll_offset", .doing = "find where a picture is"}, deadline);
    const double width = box->value("width", 0.0);
    const double height = box->value("height", 0.0);
    const cdp::document::Clip clip{.x = box->value("x", 0.0) + offset.x + scroll.value.value("x", 0.0),
                                   .y = box->value("y", 0.0) + offset.y + scroll.value.value("y", 0.0),
                                   .width = width,
                                   .height = height,
                                   .scale = scale_for(std::min(width, height))};
    Secret png = co_await cdp::document::capture(frames_->page(), clip, deadline);
    co_return Picture{.where = cdp::text_or(picture, "where"), .png = std::move(png)};
  } catch (const FrameGone&) {
    co_return std::nullopt;
  } catch (const cdp::ProtocolError& error) {
    log::debug("{}: {}", error.method(), error.text());
    throw Failure(Outcome::kBrowserLost, "the browser gave no picture of " + cdp::text_or(picture, "where"));
  }
}

task<browser::Evidence> Page::evidence(browser::Pictures pictures, Deadline deadline) {
  browser::Evidence evidence;
  // A path may hold a one-time code: only the page itself can tell it masked.
  if (const auto origin = Origin::parse(frames_->url())) evidence.url = origin->text();
  try {
    const Answer outline = co_await asker_.ask(asker_.main(), Question{.verb = "outline", .doing = "outline the page"},
                                               deadline.at_most(std::chrono::seconds(5)));
    evidence.title = cdp::text_or(outline.value, "title");
    evidence.url = cdp::text_or(outline.value, "address", std::move(evidence.url));
    evidence.outline = cdp::text_or(outline.value, "outline");
    if (pictures == browser::Pictures::kTake)
      evidence.png = co_await masked_picture(deadline.at_most(std::chrono::seconds(10)));
  } catch (const Failure& failure) {
    log::debug("evidence: {}", failure.message());
  } catch (const FrameGone&) {
    log::debug("evidence: the page went away");
  } catch (const cdp::ProtocolError& error) {
    log::debug("evidence: {}: {}", error.method(), error.text());
  } catch (const json::exception& error) {
    log::debug("evidence: an answer of another shape ({})", error.id);
  }
  co_return evidence;
}

/// Covered, taken, uncovered; dropped when the page moved its texts from under the covers meanwhile.
task<std::string> Page::masked_picture(Deadline deadline) {
  const Answer cover =
      co_await asker_.ask(asker_.main(), Question{.verb = "cover", .doing = "mask the page"}, deadline);
  std::string png;
  try {
    const Secret picture = co_await cdp::document::capture(frames_->page(), std::nullopt, deadline);
    png = std::string(picture.reveal());
  } catch (const cdp::ProtocolError& error) {
    log::debug("{}: {}", error.method(), error.text());
  } catch (const Failure& failure) {
    log::debug("evidence: {}", failure.message());
  }
  Question uncover{.verb = "uncover", .request = {{"covered", cover.value}}, .doing = "unmask the page"};
  const auto held = co_await asker_.ask_here(cover.world, std::move(uncover), deadline);
  if (!held || *held != true) png.clear();
  co_return png;
}

}  // namespace totpilot::page

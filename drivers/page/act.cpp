// Verbs that press and type what is no secret.
#include "drivers/cdp/dom.h"
#include "drivers/cdp/input.h"
#include "drivers/page/keys.h"
#include "drivers/page/page_port.h"
#include "drivers/page/request.h"

namespace totpilot::page {

using browser::Locator;

namespace {

/// A click that began a navigation waits for the new document, but not for a server that takes its time.
constexpr auto kNavigationPatience = std::chrono::seconds(10);

}  // namespace

task<void> Page::click(Locator target, Deadline deadline) {
  std::string doing = "click " + to_string(target);
  co_await press_on(std::move(target), std::move(doing), deadline);
}

task<bool> Page::click_if_there(Locator target, Deadline deadline) {
  std::string doing = "click " + to_string(target);
  try {
    co_await press_on(std::move(target), std::move(doing), deadline);
  } catch (const Failure& failure) {
    // A page that is too busy to answer shows nothing that could be clicked either.
    if (failure.code() != Outcome::kPageChanged && failure.code() != Outcome::kTimedOut) throw;
    co_return false;
  }
  co_return true;
}

task<void> Page::press_on(Locator target, std::string doing, Deadline deadline) {
  for (;;) {
    std::string why;
    try {
      InFrame prepared = co_await ask_about(target, Question{.verb = "prepare_click", .doing = doing}, deadline);
      why = co_await press_once(std::move(prepared), deadline);
    } catch (const FrameGone&) {
      why = "the frame it lies in was replaced";
    }
    if (why.empty()) co_return;
    if (deadline.expired()) throw Failure(Outcome::kPageChanged, "cannot " + doing + ": " + why);
  }
}

/// Empty when the press landed, else why not.
task<std::string> Page::press_once(InFrame prepared, Deadline deadline) {
  const auto& point = prepared.answer.value;
  const auto click = point.value("click", std::int64_t{0});
  const Offset offset = co_await asker_.offset_of(prepared.frame, deadline);
  const World before = prepared.answer.world;
  const std::uint64_t loads = frames_->loads_ended(before.frame_id);
  co_await cdp::input::click(frames_->page(), offset.x + point.value("x", 0.0), offset.y + point.value("y", 0.0),
                             deadline);
  ClickReport report = frames_->click_report(click);
  if (!report.landed && !report.swallowed) {
    // The report may travel slower than the reply; the page itself knows, unless it has gone, and then the report came
    // before that.
    Question question{.verb = "settle_click", .request = {{"click", click}}, .doing = "click"};
    const auto landed = co_await asker_.ask_here(prepared.answer.world, std::move(question), deadline);
    report = frames_->click_report(click);
    if (landed && landed->is_boolean()) report.landed |= landed->get<bool>();
  }
  if (!report.landed) co_return report.why.empty() ? "the press did not reach the page" : "it " + report.why;
  if (report.leaving) co_await settle_navigation(before, loads, deadline);
  co_return std::string();
}

task<void> Page::settle_navigation(World before, std::uint64_t loads, Deadline deadline) {
  const Deadline patience = deadline.at_most(kNavigationPatience);
  while (!frames_->lost() && frames_->loads_ended(before.frame_id) == loads) {
    const World now = frames_->current(before.frame_id, Whose::kOurs);
    if (now.session && now.context != before.context) co_return;
    if (!co_await frames_->change(patience)) co_return;
  }
}

task<void> Page::fill(Locator target, std::string text, Deadline deadline) {
  Question question{.verb = "fill", .request = {{"text", std::move(text)}}, .doing = "fill " + to_string(target)};
  (void)co_await ask_about(std::move(target), std::move(question), deadline);
}

task<void> Page::set_checked(Locator target, browser::Checked wanted, Deadline deadline) {
  const bool checked = wanted == browser::Checked::kYes;
  const std::string doing = (checked ? "check " : "uncheck ") + to_string(target);
  Question ask{.verb = "check_state", .request = {{"wanted", checked}}, .doing = doing};
  const InFrame state = co_await ask_about(target, std::move(ask), deadline);
  if (state.answer.value == true) co_return;
  co_await press_on(target, doing, deadline);
  Question confirm{.verb = "await_checked", .request = {{"wanted", checked}}, .doing = doing};
  (void)co_await ask_about(std::move(target), std::move(confirm), deadline);
}

task<void> Page::select(Locator target, std::string option, Deadline deadline) {
  Question question{
      .verb = "select", .request = {{"option", option}}, .doing = "select \"" + option + "\" in " + to_string(target)};
  (void)co_await ask_about(std::move(target), std::move(question), deadline);
}

task<void> Page::press(std::string key, std::optional<Locator> target, Deadline deadline) {
  cdp::input::Key known = key_named(key);
  if (target) {
    Question question{.verb = "focus", .doing = "press " + key + " in " + to_string(*target)};
    (void)co_await ask_about(std::move(*target), std::move(question), deadline);
  }
  co_await cdp::input::press(frames_->page(), std::move(known), deadline);
}

task<void> Page::upload(Locator target, std::string path, Deadline deadline) {
  const std::string doing = "upload a file to " + to_string(target);
  for (;;) {
    InFrame found = co_await ask_about(target, Question{.verb = "locate_upload", .doing = doing}, deadline);
    try {
      const World world = found.answer.world;
      std::string object = co_await asker_.object_of(world, found.answer.value.value("handle", 0), deadline);
      std::vector<std::string> paths{path};
      co_await cdp::dom::set_files(*world.session, std::move(object), std::move(paths), deadline);
      co_return;
    } catch (const cdp::ProtocolError& error) {
      if (!error.gone())
        throw Failure(Outcome::kPageChanged, "cannot " + doing + ": the browser does not take the file");
    }
  }
}

}  // namespace totpilot::page

// fill_secret: waits until the field can be filled, asks for the secret, and fills it in one call that can run in no
// other document.
#include <fmt/ranges.h>

#include "drivers/page/injected.h"
#include "drivers/page/page_port.h"
#include "drivers/page/request.h"

namespace totpilot::page {

using nlohmann::json;

task<void> Page::fill_secret(browser::Locator target, browser::SecretSupplier supplier, Deadline deadline) {
  const std::string says = to_string(target);
  // A second secret is asked for only when nothing of the first one was typed; more often than once the page is the
  // problem.
  for (int tries = 0; tries < 2; ++tries) {
    Question question{.verb = "locate", .request = {{"need", "editable"}}, .doing = "fill " + says};
    InFrame located = co_await ask_about(target, std::move(question), deadline);
    browser::BoundSecret secret = co_await supplier();
    if (co_await fill_held(std::move(located.answer), std::move(secret), says, deadline) == Filled::kYes) co_return;
  }
  throw Failure(Outcome::kPageChanged,
                "cannot fill " + says + ": the field went away each time just before it was filled");
}

task<Page::Filled> Page::fill_held(Answer located, browser::BoundSecret secret, std::string says, Deadline deadline) {
  const std::int64_t fill = ++last_fill_;
  json pins = json::array();
  for (const Origin& pin : secret.pins()) pins.push_back(pin.text());
  json request = {{"handle", located.value.value("handle", 0)},
                  {"fill", fill},
                  {"kind", to_request(secret.kind())},
                  {"pins", std::move(pins)}};
  request["value"] = std::string(secret.value().reveal());
  json arguments = json::array();
  arguments.push_back("fill_secret");
  arguments.push_back(std::move(request));

  const World& world = located.world;
  json verdict;
  bool gone = false;
  try {
    cdp::runtime::Function function{injected::kRun, std::move(arguments), cdp::Sensitivity::kSecret};
    const json answer = co_await cdp::runtime::call(*world.session, world.context, std::move(function), deadline);
    verdict = answer.value("value", json::object());
  } catch (const cdp::ProtocolError& error) {
    if (!error.gone()) throw Failure(Outcome::kBrowserLost, "the browser refused to fill " + says);
    gone = true;
  } catch (const cdp::runtime::ScriptError&) {
    throw Failure(Outcome::kInternal, "the page script failed (fill " + says + ")");
  } catch (const Failure& failure) {
    if (failure.code() != Outcome::kBrowserLost || frames_->lost() || !world.session->ended()) throw;
    gone = true;
  }
  if (gone) {
    frames_->discard(world);
    // The page went away under the call. What our world reported before that tells how far it had come.
    switch (frames_->fill_stage(fill)) {
      case FillStage::kTyped:
        co_return Filled::kYes;
      case FillStage::kTyping:
        throw Failure(Outcome::kPageChanged, "cannot fill " + says + ": the page went away while it was filled");
      case FillStage::kNone:
        co_return Filled::kNothingTyped;
    }
  }
  if (verdict.value("typed", json(false)) == true) co_return Filled::kYes;
  std::vector<std::string> allowed;
  for (const Origin& pin : secret.pins()) allowed.push_back(pin.text());
  if (const std::string sends = cdp::text_or(verdict, "sends"); !sends.empty()) {
    throw Failure(Outcome::kOriginBlocked,
                  fmt::format("cannot fill {}: its form goes to {}, and the secret may only go to {}", says, sends,
                              fmt::join(allowed, ", ")));
  }
  if (const std::string foreign = cdp::text_or(verdict, "foreign"); !foreign.empty()) {
    throw Failure(Outcome::kOriginBlocked,
                  fmt::format("cannot fill {}: it lies in {}, and the secret may only go to {}", says,
                              foreign == "null" ? "a frame without an origin" : foreign, fmt::join(allowed, ", ")));
  }
  if (verdict.contains("lacks")) co_return Filled::kNothingTyped;
  const std::string why =
      cdp::text_or(verdict, "refused", cdp::text_or(verdict, "lost", "the page script gave no verdict"));
  throw Failure(Outcome::kPageChanged, "cannot fill " + says + ": " + why);
}

}  // namespace totpilot::page

// capture_secret: reads every source that the page has, and wants them to agree.
#include <fmt/format.h>

#include "agent/flow/signals.h"
#include "agent/flow/steps/steps.h"
#include "agent/flow/words.h"

namespace totpilot::flow::steps {
namespace {

using browser::Locator;
using playbook::CaptureSecret;

constexpr int kLooks = 3;

/// Waits until something of what is to be read shows; what does not come is left to the reading to miss.
task<void> wait_for_sources(Walk& walk, const CaptureSecret& action, StepTime time) {
  Signals signals(walk);
  for (const auto* named : {&action.text, &action.qr, &action.link, &action.copy, &action.reveal})
    if (*named) signals.add(Meaning::kGoesOn, shows(**named));
  const bool any_named = action.text || action.qr || action.link || action.copy;
  if (!any_named) {
    signals.add(Meaning::kGoesOn, shows(css("canvas, svg, img")));
    signals.add(Meaning::kGoesOn, shows(field(browser::FieldKind::kCode)));
  }
  signals.add_watchers();
  co_await signals.wait(time);
}

task<void> read_into(Walk& walk, PageText& texts, std::optional<Locator> scope, bool named, Deadline deadline) {
  std::vector<browser::Reading> readings = co_await walk.page().read(std::move(scope), deadline);
  for (browser::Reading& reading : readings) texts.push_back(placed(std::move(reading), named));
}

/// The first picture that holds an otpauth URI; a picture that cannot be decoded is one without.
task<void> decode_into(Walk& walk, PageText& texts, std::optional<Locator> scope, bool named, StepTime time) {
  std::vector<browser::Picture> pictures = co_await walk.page().pictures(std::move(scope), time.fresh());
  for (browser::Picture& picture : pictures) {
    std::vector<Secret> decoded;
    try {
      decoded = co_await walk.context.read_qr(std::move(picture.png), time.fresh());
    } catch (const Failure& failure) {
      if (failure.code() != Outcome::kInvalidInput && failure.code() != Outcome::kTimedOut) throw;
      walk.tell.on_event(Remark{fmt::format("{}: {}", picture.where, failure.message())});
    }
    bool found = false;
    for (Secret& text : decoded) {
      found = found || totp::looks_like_otpauth(text.reveal());
      texts.push_back({Route::kPicture, named, picture.where, std::move(text)});
    }
    if (found) co_return;
  }
}

task<PageText> gather(Walk& walk, const CaptureSecret& action, StepTime time) {
  PageText texts;
  // A place that the playbook names is read alone; the rest of the page would only add what is not meant.
  if (action.text) co_await read_into(walk, texts, action.text, true, time.fresh());
  if (action.link) co_await read_into(walk, texts, action.link, true, time.fresh());
  if (!action.text && !action.copy) co_await read_into(walk, texts, action.within, false, time.fresh());
  co_await decode_into(walk, texts, action.qr ? action.qr : action.within, action.qr.has_value(), time);
  if (action.copy) {
    browser::Reading copied = co_await walk.page().receive(*action.copy, browser::Handout::kClipboard, time.fresh());
    texts.push_back(placed(std::move(copied), true));
  }
  co_return texts;
}

task<bool> reveal(Walk& walk, const CaptureSecret& action, StepTime time) {
  if (action.reveal) {
    co_await walk.page().click(*action.reveal, time.fresh());
    co_return true;
  }
  Locator button = role("button");
  button.texts = words::reveals_key();
  Locator link = role("link");
  link.texts = words::reveals_key();
  Locator either;
  either.kind = Locator::Kind::kAnyOf;
  either.alternatives = {std::move(button), std::move(link)};
  co_return co_await walk.page().click_if_there(std::move(either), time.fresh().at_most(walk.context.limits.glance));
}

/// What the playbook says about algorithm, digits and period, for a key that came without a URI.
void apply_parameters(FoundSecret& found, const CaptureSecret& action) {
  totp::Parameters said = found.otpauth.parameters;
  if (action.algorithm) {
    const auto algorithm = totp::algorithm_from_name(*action.algorithm);
    if (!algorithm) throw Failure(Outcome::kPlaybookInvalid, "capture_secret names an algorithm that is not known");
    said.algorithm = *algorithm;
  }
  if (action.digits) said.digits = *action.digits;
  if (action.period) said.period = std::chrono::seconds(*action.period);
  const auto checked = totp::checked(said);
  if (!checked) throw Failure(Outcome::kPlaybookInvalid, "capture_secret: " + checked.error());
  if (found.by_uri && !(found.otpauth.parameters == *checked))
    throw Failure(Outcome::kSecretMismatch,
                  "the app's otpauth URI and the playbook do not agree about algorithm, digits or period");
  found.otpauth.parameters = *checked;
}

}  // namespace

task<StepResult> capture_secret(Walk& walk, const CaptureSecret& action, StepTime time) {
  walk.secrets_on_page = true;
  co_await wait_for_sources(walk, action, time);
  std::optional<FoundSecret> found;
  bool revealed = false;
  for (int look = 0; look < kLooks && !found; ++look) {
    if (look > 0 && !revealed) {
      revealed = co_await reveal(walk, action, time);
      if (!revealed) break;
    }
    const PageText texts = co_await gather(walk, action, time);
    found = find_secret(texts);
  }
  if (!found) throw Failure(Outcome::kSecretNotFound, "no text, attribute, link or picture here holds a TOTP secret");
  apply_parameters(*found, action);
  for (const std::string& warning : totp::key_warnings(found->otpauth.key)) walk.tell.on_event(Remark{warning});
  std::string remark = found->source;
  co_await walk.mission.captured(std::move(*found));
  co_return StepResult{std::move(remark)};
}

}  // namespace totpilot::flow::steps

#include "agent/flow/walk.h"

#include <fmt/format.h>

namespace totpilot::flow {

using browser::Condition;
using browser::Locator;

std::string Walk::address(const std::string& path) const {
  if (path.starts_with("http://") || path.starts_with("https://")) return path;
  return path.starts_with("/") ? context.account.base_url + path : context.account.base_url + "/" + path;
}

task<void> Walk::open(std::string path, Deadline deadline) {
  const browser::Arrival arrival = co_await page().open(address(path), deadline);
  if (arrival.status < 400) co_return;
  const std::string what = fmt::format("{} answers with status {}", path, arrival.status);
  // 401 may be a sign-in page with its status; whoever waits for something on it will see.
  if (arrival.status == 401) co_return;
  if (arrival.status == 403) throw Failure(Outcome::kUnderpermissioned, what);
  if (arrival.status == 429) throw Failure(Outcome::kRateLimited, what);
  if (arrival.status >= 500) throw Failure(Outcome::kAppUnreachable, what);
  throw Failure(Outcome::kPageChanged, what);
}

task<std::optional<std::size_t>> Walk::holds_now(std::vector<Condition> any, Deadline deadline) {
  const std::size_t none = any.size();
  Condition always;
  always.url = "**";
  any.push_back(std::move(always));
  const std::size_t index = co_await page().wait_for(std::move(any), deadline);
  if (index == none) co_return std::nullopt;
  co_return index;
}

task<bool> Walk::shows_now(Locator locator, Deadline deadline) {
  std::vector<Condition> any;
  any.push_back(shows(std::move(locator)));
  const auto held = co_await holds_now(std::move(any), deadline);
  co_return held.has_value();
}

Condition shows(Locator locator) {
  Condition condition;
  condition.shows = std::move(locator);
  return condition;
}

Condition hides(Locator locator) {
  Condition condition;
  condition.hides = std::move(locator);
  return condition;
}

Locator field(browser::FieldKind kind) {
  Locator locator;
  locator.kind = Locator::Kind::kField;
  locator.field = kind;
  return locator;
}

Locator submit_of(const Locator& locator) {
  Locator button;
  button.kind = Locator::Kind::kSubmitOf;
  button.of = std::make_shared<const Locator>(locator);
  return button;
}

Locator any_text(std::vector<std::string> texts) {
  Locator locator;
  locator.kind = Locator::Kind::kText;
  locator.texts = std::move(texts);
  return locator;
}

Locator css(std::string selector) {
  Locator locator;
  locator.css = std::move(selector);
  return locator;
}

Locator role(std::string name) {
  Locator locator;
  locator.kind = Locator::Kind::kRole;
  locator.role = std::move(name);
  return locator;
}

}  // namespace totpilot::flow

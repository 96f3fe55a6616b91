#include "drivers/page/request.h"

namespace totpilot::page {

using browser::Locator;
using nlohmann::json;

namespace {

const char* name_of(Locator::Kind kind) {
  switch (kind) {
    case Locator::Kind::kRole:
      return "role";
    case Locator::Kind::kLabel:
      return "label";
    case Locator::Kind::kText:
      return "text";
    case Locator::Kind::kPlaceholder:
      return "placeholder";
    case Locator::Kind::kTestId:
      return "test_id";
    case Locator::Kind::kCss:
      return "css";
    case Locator::Kind::kField:
      return "field";
    case Locator::Kind::kSubmitOf:
      return "submit_of";
    case Locator::Kind::kAnyOf:
      return "any_of";
  }
  return "css";
}

}  // namespace

json to_request(const Locator& locator) {
  json request = {{"kind", name_of(locator.kind)}, {"says", to_string(locator)}};
  if (!locator.role.empty()) request["role"] = locator.role;
  if (!locator.texts.empty()) request["texts"] = locator.texts;
  if (locator.exact) request["exact"] = true;
  if (!locator.css.empty()) request["css"] = locator.css;
  if (locator.kind == Locator::Kind::kField) request["field"] = field_kind_name(locator.field);
  if (!locator.alternatives.empty()) {
    json& any = request["any"] = json::array();
    for (const Locator& one : locator.alternatives) any.push_back(to_request(one));
  }
  if (locator.of) request["of"] = to_request(*locator.of);
  if (locator.within) request["within"] = to_request(*locator.within);
  if (locator.has_text) request["has_text"] = *locator.has_text;
  if (locator.checked) request["checked"] = *locator.checked;
  return request;
}

json to_request(const browser::Condition& condition, const std::string& base_url) {
  json request = {{"says", to_string(condition)}};
  if (condition.shows) request["shows"] = to_request(*condition.shows);
  if (condition.hides) request["hides"] = to_request(*condition.hides);
  if (condition.url) request["url"] = below(base_url, *condition.url);
  return request;
}

std::shared_ptr<const Locator> frame_of(const Locator& locator) {
  if (locator.frame) return locator.frame;
  if (locator.within) {
    if (auto frame = frame_of(*locator.within)) return frame;
  }
  return locator.of ? frame_of(*locator.of) : nullptr;
}

bool spans_frames(const Locator& locator) {
  if (locator.kind != Locator::Kind::kAnyOf) return false;
  return std::ranges::any_of(locator.alternatives,
                             [](const Locator& one) { return frame_of(one) != nullptr || spans_frames(one); });
}

std::string below(const std::string& base_url, const std::string& address) {
  if (!address.starts_with('/')) return address;
  std::string base = bare_url(base_url);
  while (base.ends_with('/')) base.pop_back();
  return base + address;
}

std::string bare_url(const std::string& url) { return url.substr(0, url.find_first_of("?#")); }

const char* to_request(browser::SecretKind kind) {
  switch (kind) {
    case browser::SecretKind::kPassword:
      return "password";
    case browser::SecretKind::kCode:
      return "code";
    case browser::SecretKind::kRecoveryCode:
      return "recovery_code";
  }
  return "password";
}

}  // namespace totpilot::page

#include "drivers/chrome/cookies.h"

#include <array>

#include "agent/base/failure.h"

namespace totpilot::chrome {

using nlohmann::json;

namespace {

template <class Value>
Value value_or(const json& object, const char* name, Value otherwise) {
  const auto found = object.find(name);
  if (found == object.end()) return otherwise;
  if constexpr (std::is_same_v<Value, std::string>)
    return found->is_string() ? found->template get<Value>() : otherwise;
  if constexpr (std::is_same_v<Value, bool>) return found->is_boolean() ? found->template get<Value>() : otherwise;
  if constexpr (std::is_same_v<Value, double>) return found->is_number() ? found->template get<Value>() : otherwise;
}

std::string required_text(const json& cookie, const char* name) {
  const auto found = cookie.find(name);
  if (found != cookie.end() && found->is_string()) return found->get<std::string>();
  throw Failure(Outcome::kInvalidInput, std::string("a cookie of the storage state has no ") + name);
}

}  // namespace

json cookie_for_export(const json& cookie) {
  json out = {{"name", value_or<std::string>(cookie, "name", "")},
              {"value", value_or<std::string>(cookie, "value", "")},
              {"domain", value_or<std::string>(cookie, "domain", "")},
              {"path", value_or<std::string>(cookie, "path", "/")},
              {"expires", value_or<double>(cookie, "expires", -1)},
              {"httpOnly", value_or<bool>(cookie, "httpOnly", false)},
              {"secure", value_or<bool>(cookie, "secure", false)},
              // What Chrome takes for a cookie that says nothing.
              {"sameSite", value_or<std::string>(cookie, "sameSite", "Lax")}};
  if (const auto partition = cookie.find("partitionKey"); partition != cookie.end() && partition->is_object()) {
    out["partitionKey"] = value_or<std::string>(*partition, "topLevelSite", "");
    out["_crHasCrossSiteAncestor"] = value_or<bool>(*partition, "hasCrossSiteAncestor", false);
  }
  return out;
}

json cookie_for_import(const json& cookie) {
  if (!cookie.is_object()) throw Failure(Outcome::kInvalidInput, "a cookie of the storage state is not an object");
  json out = {{"name", required_text(cookie, "name")},
              {"value", required_text(cookie, "value")},
              {"domain", required_text(cookie, "domain")},
              {"path", value_or<std::string>(cookie, "path", "/")},
              {"httpOnly", value_or<bool>(cookie, "httpOnly", false)},
              {"secure", value_or<bool>(cookie, "secure", false)}};
  if (const double expires = value_or<double>(cookie, "expires", -1); expires > 0) out["expires"] = expires;
  const auto same_site = value_or<std::string>(cookie, "sameSite", "");
  static constexpr std::array<std::string_view, 3> kSameSite = {"Strict", "Lax", "None"};
  if (std::ranges::find(kSameSite, same_site) != kSameSite.end()) out["sameSite"] = same_site;
  if (const auto partition = value_or<std::string>(cookie, "partitionKey", ""); !partition.empty()) {
    out["partitionKey"] = {{"topLevelSite", partition},
                           {"hasCrossSiteAncestor", value_or<bool>(cookie, "_crHasCrossSiteAncestor", false)}};
  }
  return out;
}

}  // namespace totpilot::chrome

#pragma once
// Cookies as Playwright writes them, from and to the protocol's shapes. Pure.
#include <nlohmann/json.hpp>

namespace totpilot::chrome {

/// Network.Cookie -> {name, value, domain, path, expires, httpOnly, secure, sameSite[, partitionKey,
/// _crHasCrossSiteAncestor]}.
nlohmann::json cookie_for_export(const nlohmann::json& cookie);
/// The other way, as Network.CookieParam. invalid_input when it is not such an object.
nlohmann::json cookie_for_import(const nlohmann::json& cookie);

}  // namespace totpilot::chrome

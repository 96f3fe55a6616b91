#pragma once
// The Storage domain's cookies. On the browser's session, for a browser context. Cookies are secrets: the JSON that
// goes in and out is wiped by whoever holds it (wipe_strings).
#include <string>

#include "drivers/cdp/reply.h"

namespace totpilot::cdp::storage {

/// An array of Network.Cookie.
task<nlohmann::json> get_cookies(Session& browser, const std::string& context, Deadline deadline);
/// An array of Network.CookieParam.
task<void> set_cookies(Session& browser, const std::string& context, nlohmann::json cookies, Deadline deadline);

}  // namespace totpilot::cdp::storage

#pragma once
// Requests to the page scripts: locators and conditions as the JSON that injected/locate.ts and conditions.ts take.
// Pure.
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "agent/browser/locator.h"
#include "agent/browser/page_port.h"

namespace totpilot::page {

/// Without its frames: the request goes to the frame's own world.
nlohmann::json to_request(const browser::Locator& locator);
nlohmann::json to_request(const browser::Condition& condition, const std::string& base_url);

/// The iframe element that the locator's element lies in, null for the page itself.
std::shared_ptr<const browser::Locator> frame_of(const browser::Locator& locator);
/// Is it an any_of with alternatives in frames of their own?
bool spans_frames(const browser::Locator& locator);

/// `address`, or what it means below the base URL when it begins with "/".
std::string below(const std::string& base_url, const std::string& address);
/// Without query and fragment.
std::string bare_url(const std::string& url);

const char* to_request(browser::SecretKind kind);

}  // namespace totpilot::page

#pragma once
// What an account's name, address and pins may be. Pure; all throw invalid_input with what is wrong and how to say it
// right.
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/origin.h"

namespace totpilot::services {

/// Letters, digits and . _ @ + -, at most 64, beginning with a letter or digit, and not looking like an id.
void require_account_name(std::string_view name);

struct BaseAddress {
  std::string url;  // the origin as browsers write it, and the path without a slash at its end
  Origin origin;
};

/// An http(s) address without query, fragment or user name.
BaseAddress parse_base_address(std::string_view url);

/// The address's origin first, then `more` without doubles. Plain http to another machine needs `insecure_http`.
std::vector<std::string> make_pins(const BaseAddress& address, const std::vector<std::string>& more,
                                   bool insecure_http);

/// A playbook may want to type secrets into more origins than the address's; the owner must have pinned each.
void require_accepted_origins(const std::string& app, const std::vector<std::string>& needed,
                              const std::vector<std::string>& pins);

}  // namespace totpilot::services

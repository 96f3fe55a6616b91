#pragma once
// Texts of the web: escaping, base64, form decoding, and the pages' small template language.
#include <map>
#include <string>
#include <string_view>

namespace totpilot::practice {

std::string html_escape(std::string_view text);
std::string base64(std::string_view bytes);
/// "a=1&b=two+words" decoded; of a name that comes twice the last counts.
std::map<std::string, std::string> parse_form(std::string_view text);
/// The part of an address before "?" and "#".
std::string without_query(std::string_view url);

using Values = std::map<std::string, std::string, std::less<>>;

/// web/`page` with {{name}} replaced by the escaped value and {{&name}} by the value as it is. Throws std::logic_error
/// for a page or a name that does not exist: that is a mistake in the site.
std::string render(std::string_view page, const Values& values);

}  // namespace totpilot::practice

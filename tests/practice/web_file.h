#pragma once
// The files of web/, embedded at build: pages, style sheet and page scripts.
#include <optional>
#include <string_view>

namespace totpilot::practice {

/// The text of web/`name`; nothing if there is no such file.
std::optional<std::string_view> web_file(std::string_view name);

}  // namespace totpilot::practice

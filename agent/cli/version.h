#pragma once
// The version, as CMakeLists.txt of the project says.
#include <string_view>

namespace totpilot::cli {

inline constexpr std::string_view kVersion = TOTPILOT_VERSION;

}  // namespace totpilot::cli

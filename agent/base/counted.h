#pragma once
// Counted: "1 error", "2 errors". Pure.
#include <fmt/format.h>

#include <string>
#include <string_view>

namespace totpilot {

/// The number with the word of its number; `many` is `one` with an s unless it is given.
inline std::string counted(std::size_t number, std::string_view one, std::string_view many = {}) {
  if (number == 1) return fmt::format("1 {}", one);
  return many.empty() ? fmt::format("{} {}s", number, one) : fmt::format("{} {}", number, many);
}

}  // namespace totpilot

#include "agent/vault/locations.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "agent/base/failure.h"

namespace totpilot::vault {
namespace {

bool lies_in(const std::filesystem::path& inner, const std::filesystem::path& outer) {
  const auto [rest, unused] = std::ranges::mismatch(outer, inner);
  return rest == outer.end();
}

}  // namespace

void require_apart(const Locations& locations) {
  const std::array<std::pair<std::string_view, std::filesystem::path>, 3> places = {{
      {"state", std::filesystem::weakly_canonical(locations.state_directory)},
      {"key", std::filesystem::weakly_canonical(locations.key_directory)},
      {"escrow", std::filesystem::weakly_canonical(locations.escrow())},
  }};
  for (const auto& [name, path] : places)
    for (const auto& [other, elsewhere] : places)
      if (name != other && lies_in(path, elsewhere))
        throw Failure(
            Outcome::kInvalidInput,
            fmt::format("the {} directory {} is or lies in the {} directory {}", name, path.string(), other,
                        elsewhere.string()),
            "keep key and escrow copies apart from the state, best on another disk: a thief of one must not get both");
}

}  // namespace totpilot::vault

#include "agent/cli/view.h"

namespace totpilot::cli {

void show_fields(Output& out, const std::vector<std::pair<std::string, std::string>>& fields) {
  std::size_t width = 0;
  for (const auto& [name, value] : fields)
    if (!value.empty()) width = std::max(width, name.size());
  for (const auto& [name, value] : fields)
    if (!value.empty()) out.line(fmt::format("{:<{}}  {}", name + ":", width + 1, printable(value)));
}

std::string day_and_time(const std::optional<TimePoint>& time) {
  if (!time) return "-";
  std::string iso = to_iso(*time);
  return iso.substr(0, 10) + " " + iso.substr(11, 5) + " UTC";
}

std::string joined(const std::vector<std::string>& list, std::string_view between) {
  return fmt::format("{}", fmt::join(list, between));
}

std::string skew_remark(const std::optional<std::chrono::milliseconds>& skew) {
  if (!skew || std::chrono::abs(*skew) < std::chrono::seconds(1)) return {};
  return fmt::format("the app's clock is {:.1f} s {} ours",
                     static_cast<double>(std::chrono::abs(*skew).count()) / 1000.0,
                     skew->count() > 0 ? "ahead of" : "behind");
}

}  // namespace totpilot::cli

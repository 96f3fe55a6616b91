#include "agent/cli/json_view.h"

namespace totpilot::cli {

std::string text_at(const nlohmann::ordered_json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return {};
  return found->is_string() ? found->get<std::string>() : found->dump();
}

std::string moment_at(const nlohmann::ordered_json& object, const char* name) {
  // "2026-11-24T10:15:30.123Z": what people need of it is the day and the minute.
  const std::string iso = text_at(object, name);
  constexpr std::size_t kMinutes = 16;
  if (iso.size() < kMinutes) return iso;
  std::string moment = iso.substr(0, kMinutes) + " UTC";
  moment[10] = ' ';
  return moment;
}

std::string or_dash(std::string text) { return text.empty() ? "-" : text; }

}  // namespace totpilot::cli

#include "agent/cli/json_view.h"

#include "agent/cli/output.h"
#include "agent/cli/view.h"

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

std::int64_t number_at(const nlohmann::ordered_json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number() ? found->get<std::int64_t>() : 0;
}

bool flag_at(const nlohmann::ordered_json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

std::string span_at(const nlohmann::ordered_json& object, const char* name) {
  return for_people(std::chrono::milliseconds(number_at(object, name)));
}

std::string clock_at(const nlohmann::ordered_json& object) {
  const auto found = object.find("skew_ms");
  if (found == object.end() || !found->is_number()) return {};
  return skew_remark(std::chrono::milliseconds(found->get<std::int64_t>()));
}

std::string or_dash(std::string text) { return text.empty() ? "-" : text; }

}  // namespace totpilot::cli

#pragma once
// Reading answers of operations for people.
#include <nlohmann/json.hpp>
#include <string>

namespace totpilot::cli {

/// The text of a member; numbers and flags as they are written; empty for null and for what is not there.
std::string text_at(const nlohmann::ordered_json& object, const char* name);
/// A time of a member as people read it; empty where there is none.
std::string moment_at(const nlohmann::ordered_json& object, const char* name);
std::string or_dash(std::string text);
/// The number of a member; 0 for null and for what is not there.
std::int64_t number_at(const nlohmann::ordered_json& object, const char* name);
bool flag_at(const nlohmann::ordered_json& object, const char* name);
/// A span given in milliseconds, as people read it.
std::string span_at(const nlohmann::ordered_json& object, const char* name);
/// What a run measured of the app's clock, in words; see skew_remark().
std::string clock_at(const nlohmann::ordered_json& object);

}  // namespace totpilot::cli

#include "agent/services/form.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "agent/base/failure.h"
#include "agent/yaml/diagnostic.h"

namespace totpilot::services {
namespace {

std::string_view type_word(FieldType type) {
  using enum FieldType;
  switch (type) {
    case kText:
    case kSecret:
      return "a text";
    case kFlag:
      return "true or false";
    case kInteger:
      return "a whole number";
    case kTexts:
      return "a list of texts";
    case kObject:
      return "an object";
  }
  return "a text";
}

bool is_of_type(const nlohmann::json& value, FieldType type) {
  using enum FieldType;
  switch (type) {
    case kText:
    case kSecret:
      return value.is_string();
    case kFlag:
      return value.is_boolean();
    case kInteger:
      if (value.is_number_unsigned()) return value.get<std::uint64_t>() <= std::numeric_limits<int>::max();
      return value.is_number_integer() && value.get<std::int64_t>() >= std::numeric_limits<int>::min() &&
             value.get<std::int64_t>() <= std::numeric_limits<int>::max();
    case kTexts:
      return value.is_array() && std::ranges::all_of(value, [](const auto& one) { return one.is_string(); });
    case kObject:
      return value.is_object();
  }
  return false;
}

Failure wrong_type(const Field& field) {
  return Failure(Outcome::kInvalidInput, fmt::format("{} must be {}", field.name, type_word(field.type)),
                 std::string(field.summary));
}

/// A key may be a password that went to the wrong place: only what looks like a name is repeated.
bool looks_like_name(std::string_view key) {
  return !key.empty() && key.size() <= 40 &&
         std::ranges::all_of(key, [](char c) { return (c >= 'a' && c <= 'z') || c == '_' || c == '-'; });
}

Failure unknown_key(std::string_view key, std::span<const Field> fields) {
  std::vector<std::string_view> names;
  names.reserve(fields.size());
  for (const Field& field : fields) names.push_back(field.name);
  return Failure(Outcome::kInvalidInput,
                 looks_like_name(key) ? fmt::format("{} is not known here", key) : "a key is not known here",
                 yaml::suggest(key, names));
}

}  // namespace

void check_arguments(const nlohmann::json& arguments, std::span<const Field> fields) {
  if (!arguments.is_object())
    throw Failure(Outcome::kInvalidInput, "what was sent is no JSON object", "send one, as in {\"name\": \"work\"}");
  for (const auto& [key, value] : arguments.items()) {
    const auto field = std::ranges::find(fields, std::string_view(key), &Field::name);
    if (field == fields.end()) throw unknown_key(key, fields);
    if (!value.is_null() && !is_of_type(value, field->type)) throw wrong_type(*field);
  }
  for (const Field& field : fields) {
    if (!field.required) continue;
    const auto value = arguments.find(field.name);
    if (value == arguments.end() || value->is_null())
      throw Failure(Outcome::kInvalidInput, fmt::format("{} is missing", field.name), std::string(field.summary));
  }
}

nlohmann::json argument_of_text(const Field& field, std::string_view text) {
  using enum FieldType;
  switch (field.type) {
    case kText:
    case kSecret:
      return std::string(text);
    case kTexts:
      return nlohmann::json::array({std::string(text)});
    case kFlag:
      if (text == "true" || text.empty()) return true;
      if (text == "false") return false;
      throw wrong_type(field);
    case kInteger: {
      int number = 0;
      const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
      if (read.ec != std::errc() || read.ptr != text.data() + text.size()) throw wrong_type(field);
      return number;
    }
    case kObject:
      break;
  }
  throw wrong_type(field);
}

nlohmann::ordered_json schema_of(const Field& field) {
  using enum FieldType;
  nlohmann::ordered_json schema;
  switch (field.type) {
    case kText:
      schema["type"] = "string";
      break;
    case kSecret:
      schema["type"] = "string";
      schema["format"] = "password";
      schema["writeOnly"] = true;
      break;
    case kFlag:
      schema["type"] = "boolean";
      break;
    case kInteger:
      schema["type"] = "integer";
      schema["format"] = "int32";
      break;
    case kTexts:
      schema["type"] = "array";
      schema["items"] = {{"type", "string"}};
      break;
    case kObject:
      schema["type"] = "object";
      break;
  }
  schema["description"] = field.summary;
  return schema;
}

nlohmann::ordered_json schema_of(std::span<const Field> fields) {
  nlohmann::ordered_json properties = nlohmann::ordered_json::object();
  nlohmann::ordered_json required = nlohmann::ordered_json::array();
  for (const Field& field : fields) {
    properties[std::string(field.name)] = schema_of(field);
    if (field.required) required.push_back(field.name);
  }
  nlohmann::ordered_json schema{
      {"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

std::string take_text(nlohmann::json& value) { return std::move(value.get_ref<std::string&>()); }

Secret take_secret(nlohmann::json& value) {
  auto& text = value.get_ref<std::string&>();
  Secret secret = Secret::copy_of(text);
  wipe(text);
  return secret;
}

std::vector<std::string> take_texts(nlohmann::json& value) {
  std::vector<std::string> texts;
  texts.reserve(value.size());
  for (auto& one : value) texts.push_back(take_text(one));
  return texts;
}

}  // namespace totpilot::services

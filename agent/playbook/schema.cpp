// The JSON Schema (draft 2020-12) of a playbook, made from the tables. It is for editors: completion, hover texts,
// plain mistakes. What it cannot say (word lists, order of steps, states) the parser and the lint rules say.
#include <nlohmann/json.hpp>

#include "agent/playbook/reference.h"
#include "agent/playbook/table.h"

namespace totpilot::playbook {
namespace {

using Json = nlohmann::ordered_json;

Json reference(std::string_view name) { return {{"$ref", "#/$defs/" + std::string(name)}}; }

Json words_of(const std::vector<std::string_view>& choices) {
  Json list = Json::array();
  for (const std::string_view choice : choices) list.push_back(choice);
  return {{"enum", std::move(list)}};
}

Json outcomes() {
  Json list = Json::array();
  for (const Outcome code : playbook_outcomes()) list.push_back(outcome_name(code));
  return {{"enum", std::move(list)}};
}

Json schema_of(const KeyInfo& key) {
  switch (key.type) {
    case Type::kText:
    case Type::kTemplate:
      return {{"type", "string"}};
    case Type::kPath:
      return {{"type", "string"}, {"pattern", "^/(?!/)[^ \\\\*]*$"}};
    case Type::kUrlPattern:
      return {{"type", "string"}, {"pattern", "^(/|https?://)[^?# ]*$"}};
    case Type::kLocator:
      return reference("locator");
    case Type::kLocators:
      return {{"type", "array"}, {"items", reference("locator")}, {"minItems", 1}};
    case Type::kCondition:
      return reference("condition");
    case Type::kSteps:
      return reference("steps");
    case Type::kBranches:
      return {{"type", "array"}, {"items", reference("branch")}, {"minItems", 2}};
    case Type::kWatchers:
      return {{"type", "array"}, {"items", reference("watcher")}, {"minItems", 1}};
    case Type::kBoolean:
      return {{"type", "boolean"}};
    case Type::kInteger:
      return {{"type", "integer"}, {"minimum", key.range.min}, {"maximum", key.range.max}};
    case Type::kDuration:
      return {{"type", "string"}, {"pattern", "^[0-9]+(ms|s|m|h|d)$"}};
    case Type::kChoice:
      return words_of(key.choices);
    case Type::kOutcome:
      return outcomes();
    case Type::kRate:
      return {{"type", "string"}, {"pattern", "^[0-9]+ per [0-9]+(ms|s|m|h|d) per account$"}};
    case Type::kCodePattern:
      return {{"type", "string"}, {"minLength", 1}};
    case Type::kOrigins:
      return {{"type", "array"}, {"items", {{"type", "string"}, {"pattern", "^https?://[^/?#@]+$"}}}};
    case Type::kVersions:
      return {{"type", "object"},
              {"additionalProperties", {{"type", "string"}, {"pattern", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}}}};
    case Type::kWordLists:
      return {{"type", "object"},
              {"propertyNames", {{"pattern", "^[a-z][a-z0-9_]*$"}}},
              {"additionalProperties", reference("words")}};
    case Type::kWords:
      return reference("words");
    case Type::kRecord:
      return reference(key.record);
  }
  return {};
}

/// `$ref` beside other keywords is fine in this draft, so the description stands with the key.
Json described(Json schema, std::string_view doc, std::string_view fallback = {}) {
  std::string text(doc);
  if (!fallback.empty()) text += "; default: " + std::string(fallback);
  schema["description"] = std::move(text);
  return schema;
}

Json record(const std::vector<KeyInfo>& keys) {
  Json properties = Json::object(), required = Json::array();
  for (const KeyInfo& key : keys) {
    properties[std::string(key.name)] = described(schema_of(key), key.doc, key.fallback);
    if (key.required) required.push_back(key.name);
  }
  Json schema = {{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

Json locator() {
  std::vector<KeyInfo> keys = locator_kinds();
  keys.insert(keys.end(), locator_modifiers().begin(), locator_modifiers().end());
  Json schema = record(keys);
  Json kinds = Json::array();
  for (const KeyInfo& kind : locator_kinds()) kinds.push_back({{"required", Json::array({kind.name})}});
  schema["oneOf"] = std::move(kinds);
  schema["dependentRequired"] = {{"name", Json::array({"role"})}};
  return schema;
}

Json condition() {
  Json spelled_out = record(infos(condition_keys()));
  spelled_out["minProperties"] = 1;
  return {{"anyOf", Json::array({reference("locator"), std::move(spelled_out)})}};
}

Json step() {
  Json schema = record(infos(step_keys()));
  Json ways = Json::array();
  for (const ActionInfo& action : actions()) {
    Json value = action.value ? schema_of({.name = action.name, .type = *action.value, .choices = action.choices})
                              : record(action.keys);
    schema["properties"][std::string(action.name)] = described(std::move(value), action.doc);
    ways.push_back({{"required", Json::array({action.name})}});
  }
  schema["oneOf"] = std::move(ways);
  return schema;
}

}  // namespace

std::string schema_text() {
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                 {"$id", "urn:totpilot:playbook:1"},
                 {"title", "totpilot playbook"},
                 {"$comment", "made from agent/playbook by playbook_test; do not edit"}};
  schema.update(record(infos(playbook_keys())));
  schema["properties"]["playbook"] = described({{"const", 1}}, "the version of this language");
  schema["properties"]["app"]["pattern"] = "^[a-z0-9][a-z0-9-]{0,62}$";
  Json& defs = schema["$defs"] = Json::object();
  defs["facts"] = record(infos(facts_keys()));
  defs["session"] = record(infos(session_keys()));
  defs["mfa"] = record(infos(mfa_keys()));
  defs["flows"] = record(infos(flow_keys()));
  defs["watcher"] = record(infos(watcher_keys()));
  defs["branch"] = record(infos(branch_keys()));
  defs["steps"] = {{"type", "array"}, {"items", reference("step")}, {"minItems", 1}};
  defs["step"] = step();
  defs["condition"] = condition();
  defs["locator"] = locator();
  const Json word = {{"type", "string"}, {"minLength", 1}};
  defs["words"] = {{"anyOf", Json::array({word, {{"type", "array"}, {"items", word}, {"minItems", 1}}})}};
  return schema.dump(2) + "\n";
}

}  // namespace totpilot::playbook

#include "agent/api/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/url/parse.hpp>

#include "agent/base/failure.h"
#include "agent/services/form.h"

namespace totpilot::api {
namespace {

using services::Field;
using services::FieldType;
using services::Operation;
using services::Verb;

nlohmann::json json_of_body(const Incoming& incoming, const Operation& operation) {
  if (incoming.body.empty()) return nlohmann::json::object();
  if (!takes_body(operation))
    throw Failure(Outcome::kInvalidInput, fmt::format("{} takes no body", operation.name), "use the query");
  // Also keeps a page in a browser from sending one without being asked about it first.
  if (!incoming.header("Content-Type").starts_with("application/json"))
    throw Failure(Outcome::kInvalidInput, "the body is not said to be JSON", "send Content-Type: application/json");
  auto json = nlohmann::json::parse(incoming.body.begin(), incoming.body.end(), nullptr, false);
  if (json.is_discarded()) throw Failure(Outcome::kInvalidInput, "the body is no JSON");
  if (!json.is_object()) throw Failure(Outcome::kInvalidInput, "the body is no JSON object");
  return json;
}

void add_query(nlohmann::json& arguments, const Incoming& incoming, const Operation& operation) {
  const auto url = boost::urls::parse_origin_form(incoming.target);
  if (!url) throw Failure(Outcome::kInvalidInput, "the address cannot be read");
  for (const auto& parameter : url->params()) {
    if (takes_body(operation))
      throw Failure(Outcome::kInvalidInput, fmt::format("{} takes no query", operation.name), "use the body");
    const auto field = std::ranges::find(operation.fields, std::string_view(parameter.key), &Field::name);
    if (field == operation.fields.end()) {
      arguments[parameter.key] = nullptr;  // refused by the operation, with the nearest key
      continue;
    }
    nlohmann::json value = services::argument_of_text(*field, parameter.value);
    auto& there = arguments[parameter.key];
    if (there.is_array())
      there.push_back(value.front());
    else if (there.is_null())
      there = std::move(value);
    else
      throw Failure(Outcome::kInvalidInput, fmt::format("{} is given twice", field->name));
  }
}

void add_if_match(nlohmann::json& arguments, const Incoming& incoming, const Operation& operation) {
  std::string_view tag = incoming.header("If-Match");
  if (tag.empty()) return;
  if (std::ranges::find(operation.fields, "if_match", &Field::name) == operation.fields.end())
    throw Failure(Outcome::kInvalidInput, fmt::format("{} takes no If-Match", operation.name));
  if (tag.size() >= 2 && tag.front() == '"' && tag.back() == '"') tag = tag.substr(1, tag.size() - 2);
  arguments["if_match"] = std::string(tag);
}

}  // namespace

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

nlohmann::json arguments_of(const Incoming& incoming, const Route& route) {
  nlohmann::json arguments = json_of_body(incoming, *route.operation);
  add_query(arguments, incoming, *route.operation);
  for (const auto& [name, value] : route.parameters) {
    if (arguments.contains(name))
      throw Failure(Outcome::kInvalidInput, fmt::format("{} stands in the path already", name));
    arguments[name] = value;
  }
  add_if_match(arguments, incoming, *route.operation);
  return arguments;
}

}  // namespace totpilot::api

#include "agent/api/openapi.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "agent/api/router.h"
#include "agent/services/form.h"

namespace totpilot::api {
namespace {

using nlohmann::ordered_json;
using services::Field;
using services::Operation;
using services::Verb;

bool in_path(const Operation& operation, const Field& field) {
  return operation.path.contains(fmt::format("{{{}}}", field.name));
}

ordered_json parameter_of(const Field& field, std::string_view where) {
  ordered_json schema = services::schema_of(field);
  schema.erase("description");
  return {{"name", field.name},
          {"in", where},
          {"required", field.required},
          {"description", field.summary},
          {"schema", std::move(schema)}};
}

ordered_json header_parameter(std::string_view name, std::string_view summary) {
  return {{"name", name},
          {"in", "header"},
          {"required", false},
          {"description", summary},
          {"schema", {{"type", "string"}}}};
}

ordered_json parameters_of(const Operation& operation) {
  ordered_json list = ordered_json::array();
  for (const Field& field : operation.fields) {
    if (in_path(operation, field))
      list.push_back(parameter_of(field, "path"));
    else if (field.name == "if_match")
      list.push_back(header_parameter("If-Match", "the ETag that it must still have"));
    else if (!takes_body(operation))
      list.push_back(parameter_of(field, "query"));
  }
  if (operation.answer == Operation::Answer::kJob)
    list.push_back(header_parameter("Idempotency-Key", "the same key again gives the same job, and starts no second"));
  return list;
}

/// Nothing where there is nothing to send.
ordered_json body_of(const Operation& operation) {
  std::vector<Field> fields;
  if (takes_body(operation))
    std::ranges::copy_if(operation.fields, std::back_inserter(fields),
                         [&](const Field& field) { return !in_path(operation, field) && field.name != "if_match"; });
  if (fields.empty()) return {};
  const bool required = std::ranges::any_of(fields, &Field::required);
  return {{"required", required}, {"content", {{"application/json", {{"schema", services::schema_of(fields)}}}}}};
}

ordered_json operation_of(const Operation& operation) {
  const bool job = operation.answer == Operation::Answer::kJob;
  const ordered_json object{{"application/json", {{"schema", {{"type", "object"}}}}}};
  const ordered_json good{{"description", job ? "the job that was queued" : std::string(operation.summary)},
                          {"content", object}};
  ordered_json one{{"operationId", operation.name},
                   {"summary", operation.summary},
                   {"tags", {operation.name.substr(0, operation.name.find('.'))}},
                   {"security", {{{"token", {services::scope_name(operation.scope)}}}}}};
  if (auto parameters = parameters_of(operation); !parameters.empty()) one["parameters"] = std::move(parameters);
  if (auto body = body_of(operation); !body.empty()) one["requestBody"] = std::move(body);
  one["responses"] = {{job ? "202" : "200", good}, {"default", {{"$ref", "#/components/responses/Problem"}}}};
  return one;
}

ordered_json problem_schema() {
  ordered_json properties = ordered_json::object();
  for (const char* name : {"type", "title", "detail", "outcome", "hint", "retry", "request_id"})
    properties[name] = {{"type", "string"}};
  properties["status"] = {{"type", "integer"}};
  return {{"type", "object"}, {"properties", std::move(properties)}};
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

}  // namespace

ordered_json openapi(std::span<const Operation> operations) {
  ordered_json paths = ordered_json::object();
  for (const Operation& one : operations)
    if (one.exposed())
      paths[fmt::format("{}{}", kPrefix, one.path)][lower(services::verb_name(one.verb))] = operation_of(one);
  const ordered_json problem{
      {"description", "what went wrong"},
      {"content", {{"application/problem+json", {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}}}};
  return {{"openapi", "3.1.0"},
          {"info", {{"title", "totpilot"}, {"version", "1"}, {"description", "See docs/api.md."}}},
          {"servers", {{{"url", "/"}}}},
          {"paths", std::move(paths)},
          {"components",
           {{"securitySchemes", {{"token", {{"type", "http"}, {"scheme", "bearer"}}}}},
            {"schemas", {{"Problem", problem_schema()}}},
            {"responses", {{"Problem", problem}}}}}};
}

}  // namespace totpilot::api

#pragma once
// Router: which operation a verb and a path mean. Made from the rows; pure.
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/services/operation.h"

namespace totpilot::api {

inline constexpr std::string_view kPrefix = "/v1";

/// Whether its fields come in the body; else they come in the query.
inline bool takes_body(const services::Operation& operation) {
  return operation.verb != services::Verb::kGet && operation.verb != services::Verb::kDelete;
}

struct Route {
  const services::Operation* operation = nullptr;  // nothing: no such path, or, with `allow`, no such verb there
  std::map<std::string, std::string> parameters;   // decoded: what stood at "{account}"
  std::string allow;                               // "GET, POST"
};

class Router {
 public:
  /// `operations` outlive it; those that are not exposed are left out.
  explicit Router(std::span<const services::Operation> operations);

  /// `path` as it came, still encoded. A literal word goes before a parameter.
  Route find(std::string_view verb, std::string_view path) const;

 private:
  struct Row {
    const services::Operation* operation;
    std::vector<std::string_view> words;
  };
  std::vector<Row> rows_;
};

}  // namespace totpilot::api

#pragma once
// Reader: takes nodes to values of the AST and notes everything that is wrong on the way; what could not be read comes
// back as nothing and has been reported. One per playbook. Of this room only.
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/playbook/ast.h"
#include "agent/yaml/values.h"

namespace totpilot::playbook {

enum class Type;
struct KeyInfo;

class Reader {
 public:
  using Diagnostics = std::vector<yaml::Diagnostic>;

  Diagnostics take_diagnostics() { return std::move(diagnostics_); }
  void report(yaml::Diagnostic diagnostic);

  /// The named word lists, read before anything that may use them.
  void word_lists(const yaml::Node& node);

  // Values. `string` reads all types that end up as text.
  std::optional<std::string> string(Type type, const yaml::Node& node);
  std::optional<bool> boolean(const yaml::Node& node);
  std::optional<int> integer(const yaml::Node& node, int min, int max);
  std::optional<Millis> timeout(const yaml::Node& node);
  std::optional<Outcome> outcome(const yaml::Node& node);
  std::optional<std::size_t> choice(const yaml::Node& node, const std::vector<std::string_view>& choices);
  std::optional<std::vector<std::string>> words(const yaml::Node& node);
  std::optional<std::vector<std::string>> origins(const yaml::Node& node);
  std::optional<std::map<std::string, std::string>> versions(const yaml::Node& node);

  // Selectors.
  std::optional<Locator> locator(const yaml::Node& node);
  std::optional<std::vector<Locator>> locators(const yaml::Node& node);
  std::optional<Condition> condition(const yaml::Node& node);

  // Steps.
  std::optional<Steps> steps(const yaml::Node& node);
  std::optional<std::vector<Branch>> branches(const yaml::Node& node);
  std::optional<std::vector<Watcher>> watchers(const yaml::Node& node);

  // Maps.
  bool is_map(const yaml::Node& node, std::string_view what);
  void unknown_key(const yaml::Entry& entry, std::string_view what, std::span<const std::string_view> names);
  void missing_key(const yaml::Node& node, std::string_view what, std::string_view name);

 private:
  template <class T>
  std::optional<T> take(yaml::Value<T> value) {
    if (value) return *std::move(value);
    report(std::move(value.error()));
    return std::nullopt;
  }

  std::optional<std::string> path(const yaml::Node& node);
  std::optional<std::string> url_pattern(const yaml::Node& node);
  std::optional<std::string> with_placeholders(const yaml::Node& node);
  std::optional<std::string> code_pattern(const yaml::Node& node);
  void locator_kind(const yaml::Entry& entry, Locator& locator);
  void locator_modifier(const yaml::Entry& entry, Locator& locator);
  std::optional<Step> step(const yaml::Node& node);

  Diagnostics diagnostics_;
  std::map<std::string, std::vector<std::string>> word_lists_;
};

}  // namespace totpilot::playbook

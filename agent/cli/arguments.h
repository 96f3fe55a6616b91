#pragma once
// Arguments: what the options of a command give to an operation, as JSON. Only what was given is in it: what was not
// keeps the operation's own default. Copies share their values, so that a command's action sees what was parsed.
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "agent/base/secret.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace totpilot::cli {

class Arguments {
 public:
  /// `option`: as in "--url", or "NAME" where it stands by its place; `field`: the operation's word for it.
  CLI::Option* text(CLI::App& command, const std::string& option, std::string field, const std::string& summary) const;
  /// Repeatable; with allow_extra_args(false) a value each time.
  CLI::Option* texts(CLI::App& command, const std::string& option, std::string field, const std::string& summary) const;
  CLI::Option* integer(CLI::App& command, const std::string& option, std::string field,
                       const std::string& summary) const;
  /// A flag that says `value`.
  CLI::Option* flag(CLI::App& command, const std::string& option, std::string field, const std::string& summary,
                    bool value = true) const;

  void set(const std::string& field, nlohmann::json value) const { (*values_)[field] = std::move(value); }
  void set(const std::string& field, const Secret& secret) const { (*values_)[field] = secret.reveal(); }
  bool has(const std::string& field) const { return values_->contains(field); }
  /// Empty when it was not given.
  std::string at(const std::string& field) const { return values_->value(field, std::string()); }

  const nlohmann::json& values() const { return *values_; }
  /// Leaves none behind: a secret may be among them.
  nlohmann::json take() const { return std::exchange(*values_, nlohmann::json::object()); }

 private:
  std::shared_ptr<nlohmann::json> values_ = std::make_shared<nlohmann::json>(nlohmann::json::object());
};

}  // namespace totpilot::cli

#include "agent/cli/arguments.h"

#include <CLI/CLI.hpp>

namespace totpilot::cli {
namespace {

template <class Value>
CLI::Option* add_value(CLI::App& command, const std::string& option, const std::string& summary,
                       std::shared_ptr<nlohmann::json> values, std::string field) {
  return command.add_option_function<Value>(
      option, [values = std::move(values), field = std::move(field)](const Value& value) { (*values)[field] = value; },
      summary);
}

}  // namespace

CLI::Option* Arguments::text(CLI::App& command, const std::string& option, std::string field,
                             const std::string& summary) const {
  return add_value<std::string>(command, option, summary, values_, std::move(field));
}

CLI::Option* Arguments::texts(CLI::App& command, const std::string& option, std::string field,
                              const std::string& summary) const {
  return add_value<std::vector<std::string>>(command, option, summary, values_, std::move(field));
}

CLI::Option* Arguments::integer(CLI::App& command, const std::string& option, std::string field,
                                const std::string& summary) const {
  return add_value<int>(command, option, summary, values_, std::move(field));
}

CLI::Option* Arguments::flag(CLI::App& command, const std::string& option, std::string field,
                             const std::string& summary, bool value) const {
  return command.add_flag_callback(
      option, [values = values_, field = std::move(field), value] { (*values)[field] = value; }, summary);
}

}  // namespace totpilot::cli

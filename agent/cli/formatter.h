#pragma once
// HelpFormatter: CLI11's help without its own remarks, and with a pointer to the options that every command takes.
#include <CLI/CLI.hpp>
#include <string>

namespace totpilot::cli {

class HelpFormatter final : public CLI::Formatter {
 public:
  HelpFormatter();
  std::string make_option_opts(const CLI::Option* option) const override;
  std::string make_footer(const CLI::App* command) const override;
};

}  // namespace totpilot::cli

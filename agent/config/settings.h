#pragma once
// The table of settings: each key once, with its type, meaning and place in Config. The file, the environment, the
// flags, the example file and `config show` all go through it. Of this room only.
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "agent/config/config.h"
#include "agent/yaml/node.h"

namespace totpilot::config {

struct Setting {
  enum class Form { kText, kTexts, kBoolean, kInteger, kDuration };

  std::string_view key;  // "browser.headed": at most one dot
  Form form;
  std::string_view doc;
  /// What is wrong with the value, or nothing once it is stored.
  std::function<std::optional<yaml::Diagnostic>(Config&, const yaml::Node&)> read;
  /// As it would stand in the file.
  std::function<std::string(const Config&)> show;

  /// "TOTPILOT_BROWSER_HEADED".
  std::string variable() const;
};

/// In the order of the file; keys of one section stand together.
std::span<const Setting> settings();
const Setting* find_setting(std::string_view key);

struct Section {
  std::string_view name;
  std::string_view doc;
};
std::span<const Section> sections();

/// A bare text (of a variable or a flag) as the node it would be in the file. Lists are separated by colons.
yaml::Node node_of(const Setting& setting, std::string_view text, SourcePosition at);

/// The defaults that depend on who runs this.
Config default_config(const Sources& sources);

}  // namespace totpilot::config

#include "agent/config/config.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "agent/base/failure.h"
#include "agent/base/file.h"
#include "agent/config/settings.h"
#include "agent/yaml/reader.h"
#include "agent/yaml/values.h"

extern char** environ;

namespace totpilot::config {
namespace {

namespace fs = std::filesystem;
using yaml::Diagnostic;

constexpr std::string_view kPrefix = "TOTPILOT_";
constexpr std::string_view kDefault = "default";

class Loader {
 public:
  explicit Loader(const Sources& sources) : sources_(sources) {
    loaded_.config = default_config(sources);
    for (const Setting& setting : settings()) origins_[setting.key] = kDefault;
  }

  Loaded run() {
    choose_file();
    if (loaded_.file) read_file_into();
    read_environment();
    for (const Override& override : sources_.overrides) read_override(override);
    place_escrow();
    check_whole();
    for (const Setting& setting : settings())
      loaded_.shown.push_back({.key = std::string(setting.key),
                               .value = setting.show(loaded_.config),
                               .origin = origins_[setting.key],
                               .doc = std::string(setting.doc)});
    return std::move(loaded_);
  }

 private:
  std::optional<std::string> variable(const std::string& name) const {
    return sources_.environment ? sources_.environment(name) : std::nullopt;
  }

  void choose_file() {
    if (sources_.file) {
      loaded_.file = sources_.file;
    } else if (const auto named = variable("TOTPILOT_CONFIG"); named && !named->empty()) {
      loaded_.file = fs::path(*named);
    } else {
      std::error_code ignored;
      for (const fs::path& file : default_files(sources_)) {
        if (!fs::exists(file, ignored)) continue;
        loaded_.file = file;
        return;
      }
    }
  }

  void read_file_into() {
    const std::string name = loaded_.file->string();
    const std::string text = yaml::load_text(name);
    const yaml::Document document = yaml::read(name, text);
    std::vector<Diagnostic> problems = document.problems;
    if (document.complete) {
      if (document.root.is_map()) {
        for (const yaml::Entry& entry : document.root.entries) read_entry(entry, problems);
      } else if (!document.root.is_null()) {
        problems.push_back(yaml::problem(document.root, "the configuration must be a map of keys"));
      }
    }
    if (problems.empty()) return;
    problems = yaml::sorted(std::move(problems));
    const std::size_t count = problems.size();
    throw Failure(Outcome::kInvalidInput,
                  fmt::format("the configuration has {}\n{}", count == 1 ? "an error" : fmt::format("{} errors", count),
                              yaml::render(problems, text)),
                  fmt::format("correct {}; config/totpilot.yaml shows every key", name));
  }

  void read_entry(const yaml::Entry& entry, std::vector<Diagnostic>& problems) {
    if (std::ranges::find(sections(), entry.key, &Section::name) == sections().end()) {
      read_value(entry.key, entry, problems);
    } else if (entry.value.is_map()) {
      for (const yaml::Entry& inner : entry.value.entries) read_value(entry.key + "." + inner.key, inner, problems);
    } else if (!entry.value.is_null()) {
      problems.push_back(yaml::problem(
          entry.value, fmt::format("{} is a section of keys, but this is {}", entry.key, kind_name(entry.value))));
    }
  }

  void read_value(const std::string& key, const yaml::Entry& entry, std::vector<Diagnostic>& problems) {
    const Setting* setting = find_setting(key);
    if (!setting) {
      problems.push_back({.at = entry.at,
                          .message = fmt::format("there is no key \"{}\"", key.substr(0, 80)),
                          .suggestion = suggestion(key),
                          .rule = "unknown-key"});
    } else if (auto problem = setting->read(loaded_.config, entry.value)) {
      problems.push_back(*std::move(problem));
    } else {
      origins_[setting->key] = to_string(entry.value.at);
    }
  }

  /// A slip of a key, or a key written in the wrong section.
  static std::string suggestion(const std::string& key) {
    std::vector<std::string_view> names;
    for (const Setting& setting : settings()) names.push_back(setting.key);
    for (const Section& section : sections()) names.push_back(section.name);
    if (const auto near = yaml::nearest(key, names)) return fmt::format("did you mean \"{}\"?", *near);
    const std::string last = key.substr(key.rfind('.') + 1);
    for (const Setting& setting : settings())
      if (setting.key.substr(setting.key.rfind('.') + 1) == last)
        return fmt::format("did you mean \"{}\"?", setting.key);
    return "config/totpilot.yaml shows every key";
  }

  void read_environment() {
    for (const Setting& setting : settings()) {
      const std::string name = setting.variable();
      if (const auto value = variable(name)) read_text(setting, *value, name);
    }
    std::vector<std::string> known = {"TOTPILOT_CONFIG"};
    for (const Setting& setting : settings()) known.push_back(setting.variable());
    const std::vector<std::string_view> names(known.begin(), known.end());
    for (const std::string& name : sources_.environment_names) {
      if (!name.starts_with(kPrefix) || std::ranges::find(known, name) != known.end() || is_internal(name)) continue;
      const auto near = yaml::nearest(name, names);
      loaded_.warnings.push_back(
          fmt::format("the variable {} means nothing{}", name, near ? fmt::format("; did you mean {}?", *near) : ""));
    }
  }

  /// Variables of tests; no settings.
  static bool is_internal(std::string_view name) {
    return name.starts_with("TOTPILOT_TEST_") || name.starts_with("TOTPILOT_FAIL_POINT");
  }

  void read_override(const Override& override) {
    const Setting* setting = find_setting(override.key);
    if (!setting)
      throw Failure(Outcome::kInternal,
                    fmt::format("{} sets a key that there is not: {}", override.flag, override.key));
    read_text(*setting, override.value, override.flag);
  }

  /// The message names where the value is from, never the value: a variable may hold anything.
  void read_text(const Setting& setting, const std::string& text, const std::string& origin) {
    if (auto problem = setting.read(loaded_.config, node_of(setting, text, {origin, 0, 0})))
      throw Failure(Outcome::kInvalidInput, fmt::format("{}: {}", origin, problem->message), problem->suggestion);
    origins_[setting.key] = origin;
  }

  /// Copies belong to one state and outlive it: where only the state was placed, they lie beside it.
  void place_escrow() {
    const fs::path& state = loaded_.config.state_directory;
    if (origins_["escrow_directory"] != kDefault || state == default_config(sources_).state_directory) return;
    if (state.empty()) return;
    const fs::path name = state.has_filename() ? state : state.parent_path();
    loaded_.config.escrow_directory = name.string() + "-escrow";
    origins_["escrow_directory"] = "default, beside state_directory";
  }

  void check_whole() {
    const auto demand = [&](const fs::path& path, std::string_view key) {
      if (path.empty())
        throw Failure(Outcome::kInvalidInput,
                      fmt::format("there is no {}: neither HOME nor XDG_STATE_HOME says where your files are", key),
                      fmt::format("set {}", find_setting(key)->variable()));
    };
    demand(loaded_.config.state_directory, "state_directory");
    demand(loaded_.config.key_directory, "key_directory");
    demand(loaded_.config.escrow_directory, "escrow_directory");
    if (loaded_.config.timeouts.flow < loaded_.config.timeouts.step)
      throw Failure(Outcome::kInvalidInput, "timeouts.flow is shorter than timeouts.step", "a flow has many steps");
  }

  const Sources& sources_;
  Loaded loaded_;
  std::map<std::string_view, std::string> origins_;
};

/// The text as comment lines of at most about 110 columns.
std::string comment(std::string_view text, std::string_view indent) {
  std::string result, line;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    if (!line.empty() && line.size() + word.size() > 110) {
      result += fmt::format("{}# {}\n", indent, line);
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result + fmt::format("{}# {}\n", indent, line);
}

}  // namespace

std::vector<fs::path> default_files(const Sources& sources) {
  std::vector<fs::path> result;
  if (!sources.root) {
    const auto xdg = sources.environment ? sources.environment("XDG_CONFIG_HOME") : std::nullopt;
    const auto home = sources.environment ? sources.environment("HOME") : std::nullopt;
    if (xdg && xdg->starts_with('/')) {
      result.push_back(fs::path(*xdg) / "totpilot" / "totpilot.yaml");
    } else if (home && home->starts_with('/')) {
      result.push_back(fs::path(*home) / ".config" / "totpilot" / "totpilot.yaml");
    }
  }
  result.emplace_back("/etc/totpilot/totpilot.yaml");
  return result;
}

Sources process_sources() {
  Sources sources;
  sources.environment = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value ? std::optional<std::string>(value) : std::nullopt;
  };
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string_view text(*entry);
    sources.environment_names.emplace_back(text.substr(0, text.find('=')));
  }
  sources.root = ::geteuid() == 0;
  return sources;
}

Loaded load(const Sources& sources) { return Loader(sources).run(); }

std::string example_file() {
  Sources root;
  root.root = true;
  const Config config = default_config(root);
  std::string result =
      "# totpilot's configuration, with every key at its default. Flags go over TOTPILOT_* variables "
      "(TOTPILOT_LOG_LEVEL), those over this\n"
      "# file, this file over the defaults; `totpilot config show --origin` says what holds and why. Looked for at\n"
      "# $XDG_CONFIG_HOME/totpilot/totpilot.yaml, then /etc/totpilot/totpilot.yaml. Unknown keys are errors.\n"
      "#\n"
      "# The three directories below are root's; other users have theirs in $XDG_STATE_HOME (~/.local/state), "
      "$XDG_CONFIG_HOME (~/.config)\n"
      "# and $XDG_DATA_HOME (~/.local/share).\n";
  std::string_view open_section;
  for (const Setting& setting : settings()) {
    const std::size_t dot = setting.key.find('.');
    const std::string_view section = dot == std::string_view::npos ? "" : setting.key.substr(0, dot);
    if (section != open_section) {
      result += "\n" + comment(std::ranges::find(sections(), section, &Section::name)->doc, "") +
                fmt::format("{}:\n", section);
      open_section = section;
    } else if (section.empty()) {
      result += "\n";
    }
    const std::string_view indent = section.empty() ? "" : "  ";
    result += comment(setting.doc, indent);
    result += fmt::format("{}#{}: {}\n", indent, section.empty() ? setting.key : setting.key.substr(dot + 1),
                          setting.show(config));
  }
  return result;
}

}  // namespace totpilot::config

#include "agent/services/playbooks.h"

#include "agent/base/file.h"
#include "agent/config/config.h"
#include "agent/playbook/explain.h"
#include "agent/playbook/library.h"
#include "agent/playbook/parser.h"
#include "agent/playbook/reference.h"

namespace totpilot::services {

bool names_a_file(const std::string& text) {
  return text.contains('/') || text.ends_with(".yaml") || text.ends_with(".yml");
}

playbook::PlaybookLibrary open_library(const config::Config& config) {
  std::vector<std::filesystem::path> directories(config.playbook_directories.begin(),
                                                 config.playbook_directories.end());
  for (auto& directory : playbook::PlaybookLibrary::default_directories()) directories.push_back(std::move(directory));
  return playbook::PlaybookLibrary(std::move(directories));
}

nlohmann::ordered_json to_json(const LintedFile& linted) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& one : linted.diagnostics)
    list.push_back({{"line", one.at.line},
                    {"column", one.at.column},
                    {"severity", one.error ? "error" : "warning"},
                    {"message", one.message},
                    {"suggestion", one.suggestion},
                    {"rule", one.rule}});
  return {{"file", linted.file},
          {"app", linted.app},
          {"errors", linted.errors},
          {"warnings", linted.warnings},
          {"diagnostics", std::move(list)}};
}

nlohmann::ordered_json to_json(const PlaybookView& playbook) {
  return {{"app", playbook.app},       {"title", playbook.title},   {"file", playbook.file},
          {"tested", playbook.tested}, {"errors", playbook.errors}, {"hides", playbook.hides}};
}

namespace {

LintedFile linted_of(std::string file, const playbook::Parsed& parsed) {
  LintedFile linted;
  linted.file = std::move(file);
  linted.app = parsed.playbook.app;
  for (const auto& one : parsed.diagnostics) {
    const bool error = one.severity == yaml::Severity::kError;
    ++(error ? linted.errors : linted.warnings);
    linted.diagnostics.push_back({one.at, error, one.message, one.suggestion, one.rule});
  }
  linted.rendered = yaml::render(parsed.diagnostics, parsed.playbook.text);
  return linted;
}

}  // namespace

LintedFile lint_playbook(const std::filesystem::path& file) {
  return linted_of(file.string(), playbook::PlaybookLibrary::check(file));
}

LintedFile lint_playbook_text(std::string file, std::string text) {
  const playbook::Parsed parsed = playbook::parse(file, std::move(text));
  return linted_of(std::move(file), parsed);
}

std::string explain_playbook(const config::Config& config, const std::string& playbook) {
  if (names_a_file(playbook)) return playbook::explain(playbook::PlaybookLibrary::load(playbook));
  return playbook::explain(open_library(config).find(playbook));
}

std::vector<PlaybookView> list_playbooks(const config::Config& config) {
  std::vector<PlaybookView> views;
  for (const auto& listed : open_library(config).list()) {
    PlaybookView view;
    view.app = listed.app;
    view.title = listed.title;
    view.file = listed.file.string();
    for (const auto& [version, date] : listed.tested) view.tested.push_back(fmt::format("{} ({})", version, date));
    view.errors = listed.errors;
    if (listed.hides) view.hides = listed.hides->string();
    views.push_back(std::move(view));
  }
  return views;
}

std::string playbook_schema() { return playbook::schema_text(); }
std::string playbook_reference() { return playbook::reference_text(); }

}  // namespace totpilot::services

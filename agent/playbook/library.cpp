#include "agent/playbook/library.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/base/file.h"
#include "agent/yaml/reader.h"

namespace totpilot::playbook {
namespace {

namespace fs = std::filesystem;

/// Playbook files of a folder, by name; a folder that is not there has none.
std::vector<fs::path> files_in(const fs::path& directory) {
  std::vector<fs::path> result;
  std::error_code ignored;
  for (fs::directory_iterator it(directory, ignored), end; !ignored && it != end; it.increment(ignored)) {
    if (it->path().extension() == ".yaml" && it->is_regular_file(ignored)) result.push_back(it->path());
  }
  std::ranges::sort(result);
  return result;
}

/// A name that becomes a file name: nothing that leads out of the folder.
bool is_app_name(std::string_view app) {
  return !app.empty() && app.size() <= 63 &&
         std::ranges::all_of(app, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

}  // namespace

std::vector<fs::path> PlaybookLibrary::default_directories() {
  std::vector<fs::path> result = {"/etc/totpilot/playbooks"};
  std::error_code unknown;
  if (const fs::path program = fs::read_symlink("/proc/self/exe", unknown); !unknown)
    result.push_back(program.parent_path().parent_path() / "share" / "totpilot" / "playbooks");
  return result;
}

std::optional<fs::path> PlaybookLibrary::file_of(const std::string& app) const {
  if (!is_app_name(app)) return std::nullopt;
  for (const fs::path& directory : directories_) {
    fs::path file = directory / (app + ".yaml");
    std::error_code ignored;
    if (fs::is_regular_file(file, ignored)) return file;
  }
  return std::nullopt;
}

bool PlaybookLibrary::has(const std::string& app) const { return file_of(app).has_value(); }

Playbook PlaybookLibrary::find(const std::string& app) const {
  if (const auto file = file_of(app)) {
    Playbook playbook = load(*file);
    if (playbook.app != app)
      throw Failure(Outcome::kPlaybookInvalid,
                    fmt::format("{} says that it is for the app \"{}\"", file->string(), playbook.app),
                    "the file's name and its key app must be the same");
    return playbook;
  }
  std::vector<std::string> names;
  for (const fs::path& directory : directories_)
    for (const fs::path& file : files_in(directory)) names.push_back(file.stem().string());
  const std::vector<std::string_view> views(names.begin(), names.end());
  const auto near = yaml::nearest(app, views);
  throw Failure(Outcome::kNoPlaybook, fmt::format("there is no playbook for the app \"{}\"", app),
                near ? fmt::format("did you mean \"{}\"?", *near) : "");
}

std::vector<PlaybookLibrary::Listed> PlaybookLibrary::list() const {
  std::vector<Listed> result;
  for (const fs::path& directory : directories_) {
    for (const fs::path& file : files_in(directory)) {
      const std::string app = file.stem().string();
      const auto earlier = std::ranges::find(result, app, &Listed::app);
      if (earlier != result.end()) {
        if (!earlier->hides) earlier->hides = file;
        continue;
      }
      Listed listed{.app = app, .title = {}, .file = file, .tested = {}, .errors = 0, .hides = {}};
      try {
        const Parsed parsed = check(file);
        listed.title = parsed.playbook.title;
        listed.tested = parsed.playbook.tested;
        listed.errors = static_cast<int>(
            std::ranges::count(parsed.diagnostics, yaml::Severity::kError, &yaml::Diagnostic::severity));
      } catch (const Failure&) {
        listed.errors = 1;  // cannot be read
      }
      result.push_back(std::move(listed));
    }
  }
  std::ranges::sort(result, {}, &Listed::app);
  return result;
}

Parsed PlaybookLibrary::check(const fs::path& file) { return parse(file.string(), yaml::load_text(file.string())); }

Playbook PlaybookLibrary::load(const fs::path& file) {
  return parse_or_throw(file.string(), yaml::load_text(file.string()));
}

}  // namespace totpilot::playbook

#include "agent/cli/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "agent/base/failure.h"
#include "agent/base/file.h"

namespace totpilot::cli {
namespace {

[[noreturn]] void refuse(const std::string& path, const std::string& what, const std::string& hint) {
  throw Failure(Outcome::kInvalidInput, fmt::format("{}: {}", path, what), hint);
}

void require_directory(const std::string& path) {
  const std::filesystem::path above = std::filesystem::path(path).parent_path();
  const std::string directory = above.empty() ? "." : above.string();
  struct stat info{};
  if (::stat(directory.c_str(), &info) == 0 && !S_ISDIR(info.st_mode))
    errno = ENOTDIR;
  else if (::faccessat(AT_FDCWD, directory.c_str(), W_OK | X_OK, AT_EACCESS) == 0)
    return;
  refuse(path, fmt::format("cannot be created ({})", std::strerror(errno)),
         "name a file in a directory that is there and that you may write to");
}

enum class Found { kNothing, kFile, kDevice };

/// A rename would put an ordinary file in the place of a link, and cannot take the place of a directory.
Found look_at(const std::string& path) {
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0) return Found::kNothing;
  const bool link = S_ISLNK(info.st_mode);
  if (link && ::stat(path.c_str(), &info) != 0) refuse(path, "is a link that leads nowhere", "name the file itself");
  if (S_ISDIR(info.st_mode)) refuse(path, "is a directory", "name a file in it");
  if (!S_ISREG(info.st_mode)) return Found::kDevice;
  if (link) refuse(path, "is a link to another file", "name the file itself");
  return Found::kFile;
}

void require_place(const std::string& path, bool force, const std::string& otherwise) {
  const Found found = look_at(path);
  if (found == Found::kDevice) return;
  if (found == Found::kFile && !force)
    throw Failure(Outcome::kAlreadyExists, fmt::format("{}: is there already", path), otherwise);
  require_directory(path);
}

}  // namespace

void OutputFile::add_options(CLI::App& command, const std::string& option, const std::string& help) {
  auto* file = command.add_option(option, path_, help)->type_name("FILE");
  command.add_flag("--force", force_, "replace the file when it is there already")->needs(file);
}

void OutputFile::require_writable() const {
  if (given()) require_place(path_, force_, "name another file, or replace it with --force");
}

void OutputFile::write(std::string_view content) const {
  require_writable();
  write_file_atomically(path_, content);
}

void require_new_file(const std::string& path) { require_place(path, false, "choose another name"); }

}  // namespace totpilot::cli

#include "agent/base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "agent/base/failure.h"
#include "agent/base/unique_fd.h"

namespace totpilot {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, std::string_view what) {
  const int error = errno;
  throw Failure(error == ENOENT ? Outcome::kNotFound : Outcome::kStorageFailed,
                fmt::format("{}: {} ({})", path.string(), what, std::strerror(error)));
}

void write_all(int fd, std::string_view content, const std::filesystem::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(path, "cannot be written");
    content.remove_prefix(static_cast<std::size_t>(written));
  }
}

void sync_directory(const std::filesystem::path& directory) {
  const UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) fail(directory, "cannot be synced");
}

}  // namespace

std::string read_file(const std::filesystem::path& path, std::size_t limit) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) fail(path, "cannot be opened");
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0) fail(path, "cannot be examined");
  if (S_ISDIR(info.st_mode)) throw Failure(Outcome::kInvalidInput, path.string() + ": is a directory");
  std::string content;
  std::string block(std::size_t{1} << 16U, '\0');
  for (;;) {
    const ssize_t got = ::read(fd.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(path, "cannot be read");
    if (got == 0) return content;
    content.append(block, 0, static_cast<std::size_t>(got));
    if (content.size() > limit)
      throw Failure(Outcome::kInvalidInput, fmt::format("{}: is larger than {} bytes", path.string(), limit));
  }
}

void write_file_atomically(const std::filesystem::path& path, std::string_view content) {
  const std::filesystem::path beside = path.string() + fmt::format(".{}.new", ::getpid());
  {
    const UniqueFd fd(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) fail(beside, "cannot be created");
    write_all(fd.get(), content, beside);
    if (::fsync(fd.get()) != 0) fail(beside, "cannot be synced");
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(beside.c_str());
    errno = error;
    fail(path, "cannot be replaced");
  }
  sync_directory(path.has_parent_path() ? path.parent_path() : ".");
}

void make_private_directory(const std::filesystem::path& path) {
  std::error_code error;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) fail(path, "cannot be created");
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) fail(path, "cannot be examined");
  if (!S_ISDIR(info.st_mode)) throw Failure(Outcome::kStorageFailed, path.string() + ": is not a directory");
  if (info.st_uid != ::geteuid())
    throw Failure(Outcome::kStorageFailed, path.string() + ": belongs to another user",
                  "choose another directory, or run as its owner");
  if ((info.st_mode & 0077U) != 0)
    throw Failure(Outcome::kStorageFailed, path.string() + ": is open to other users",
                  fmt::format("chmod 700 {}", path.string()));
}

void require_private_file(const std::filesystem::path& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) fail(path, "cannot be examined");
  if (info.st_uid != ::geteuid() && info.st_uid != 0)
    throw Failure(Outcome::kStorageFailed, path.string() + ": belongs to another user", "make it yours: chown");
  if ((info.st_mode & 0077U) != 0)
    throw Failure(Outcome::kStorageFailed, path.string() + ": is open to other users",
                  fmt::format("chmod 600 {}", path.string()));
}

}  // namespace totpilot

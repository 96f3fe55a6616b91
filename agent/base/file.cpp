#include "agent/base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "agent/base/failure.h"
#include "agent/base/unique_fd.h"

namespace totpilot {
namespace {

[[noreturn]] void fail(std::string_view name, std::string_view what) {
  const int error = errno;
  throw Failure(error == ENOENT ? Outcome::kNotFound : Outcome::kStorageFailed,
                fmt::format("{}: {} ({})", name, what, std::strerror(error)));
}

[[noreturn]] void fail(const std::filesystem::path& path, std::string_view what) {
  fail(std::string_view(path.native()), what);
}

void write_all(int fd, std::string_view content, const std::filesystem::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(path, "cannot be written");
    content.remove_prefix(static_cast<std::size_t>(written));
  }
}

UniqueFd open_to_read(const std::filesystem::path& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) fail(path, "cannot be opened");
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0) fail(path, "cannot be examined");
  if (S_ISDIR(info.st_mode)) throw Failure(Outcome::kInvalidInput, path.string() + ": is a directory");
  return fd;
}

[[noreturn]] void too_large(std::string_view name, std::size_t limit) {
  throw Failure(Outcome::kInvalidInput, fmt::format("{}: is larger than {} bytes", name, limit));
}

/// A text that grows without leaving its earlier selves behind, and leaves nothing of itself.
class SecretText {
 public:
  SecretText() = default;
  ~SecretText() { wipe(text_); }
  SecretText(const SecretText&) = delete;
  SecretText& operator=(const SecretText&) = delete;

  /// Reads once more; what read(2) returned.
  ssize_t read_from(int fd) {
    const std::size_t before = text_.size();
    if (text_.capacity() - before < kBlock) grow();
    text_.resize(before + kBlock);
    const ssize_t got = ::read(fd, text_.data() + before, kBlock);
    const int error = errno;
    text_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    errno = error;
    return got;
  }
  std::size_t size() const { return text_.size(); }
  Secret take() { return Secret(std::move(text_)); }

 private:
  static constexpr std::size_t kBlock = 4096;

  void grow() {
    std::string larger;
    larger.reserve(2 * text_.capacity() + kBlock);
    larger = text_;
    std::swap(text_, larger);
    wipe(larger);
  }

  std::string text_;
};

enum class Target { kReplaced, kWrittenThrough };

/// A rename would put an ordinary file in the place of a device, and of a link that leads elsewhere.
Target target_at(const std::filesystem::path& path) {
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0) return Target::kReplaced;  // what hinders it shows when it is made
  const bool link = S_ISLNK(info.st_mode);
  if (link && ::stat(path.c_str(), &info) != 0)
    throw Failure(Outcome::kInvalidInput, path.string() + ": is a link that leads nowhere", "name the file itself");
  if (S_ISDIR(info.st_mode)) throw Failure(Outcome::kInvalidInput, path.string() + ": is a directory");
  if (!S_ISREG(info.st_mode)) return Target::kWrittenThrough;
  if (link)
    throw Failure(Outcome::kInvalidInput, path.string() + ": is a link to another file", "name the file itself");
  return Target::kReplaced;
}

}  // namespace

void sync_directory(const std::filesystem::path& directory) {
  const UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) fail(directory, "cannot be synced");
}

std::string read_file(const std::filesystem::path& path, std::size_t limit) {
  const UniqueFd fd = open_to_read(path);
  std::string content;
  std::string block(std::size_t{1} << 16U, '\0');
  for (;;) {
    const ssize_t got = ::read(fd.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(path, "cannot be read");
    if (got == 0) return content;
    content.append(block, 0, static_cast<std::size_t>(got));
    if (content.size() > limit) too_large(path.string(), limit);
  }
}

Secret read_secret_file(const std::filesystem::path& path, std::size_t limit) {
  return read_secret_stream(open_to_read(path).get(), limit, path.string());
}

Secret read_secret_stream(int fd, std::size_t limit, std::string_view name) {
  SecretText text;
  for (;;) {
    const ssize_t got = text.read_from(fd);
    if (got == 0) return text.take();
    if (text.size() > limit) too_large(name, limit);
    if (got > 0 || errno == EINTR) continue;
    if (errno != EAGAIN) fail(name, "cannot be read");
    pollfd wanted{fd, POLLIN, 0};
    ::poll(&wanted, 1, -1);
  }
}

StagedFile::Waiting::~Waiting() {
  if (!file.empty()) ::unlink(file.c_str());
}

StagedFile::StagedFile(std::filesystem::path path, std::string_view content) : path_(std::move(path)) {
  if (target_at(path_) == Target::kReplaced) {
    write_beside(content);
  } else {
    write_through(content);
  }
}

void StagedFile::write_beside(std::string_view content) {
  const std::filesystem::path beside = path_.string() + fmt::format(".{}.new", ::getpid());
  ::unlink(beside.c_str());  // of a process that died and had our number
  const UniqueFd fd(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) fail(path_, "cannot be created");
  waiting_.file = beside;
  write_all(fd.get(), content, path_);
  if (::fsync(fd.get()) != 0) fail(path_, "cannot be synced");
}

void StagedFile::write_through(std::string_view content) const {
  const UniqueFd fd(::open(path_.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd) fail(path_, "cannot be opened");
  write_all(fd.get(), content, path_);
  // Most of what is no file cannot be synced.
  if (::fsync(fd.get()) != 0 && errno != EINVAL && errno != EROFS && errno != ENOTSUP) fail(path_, "cannot be synced");
}

void StagedFile::put_in_place() {
  if (waiting_.file.empty()) return;
  if (::rename(waiting_.file.c_str(), path_.c_str()) != 0) fail(path_, "cannot be replaced");
  waiting_.file.clear();
  sync_directory(path_.has_parent_path() ? path_.parent_path() : ".");
}

void write_file_atomically(const std::filesystem::path& path, std::string_view content) {
  StagedFile(path, content).put_in_place();
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

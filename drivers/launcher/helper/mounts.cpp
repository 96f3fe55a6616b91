#include "drivers/launcher/helper/mounts.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <filesystem>

#include "drivers/launcher/helper/problem.h"

namespace totpilot::launcher {
namespace {

constexpr unsigned long kNothingSpecial = MS_NOSUID | MS_NODEV | MS_NOEXEC;

void mount_tmpfs(const std::string& path, unsigned long flags, const std::string& options) {
  if (::mount("tmpfs", path.c_str(), "tmpfs", flags, options.c_str()) != 0)
    throw system_problem("cannot mount a tmpfs on " + path);
}

void bind(const std::string& source, const std::string& target) {
  if (::mount(source.c_str(), target.c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0)
    throw system_problem("cannot mount " + target);
}

void hide(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) {
    // What we cannot reach, the browser cannot either: it is never more than we are.
    if (errno == ENOENT || errno == ENOTDIR || errno == EACCES) return;
    throw system_problem("cannot hide " + path);
  }
  if (S_ISDIR(info.st_mode)) return mount_tmpfs(path, kNothingSpecial | MS_RDONLY, "size=4k,nr_inodes=1,mode=000");
  bind("/dev/null", path);
}

std::string owned_by(const Identity& identity) {
  return ",uid=" + std::to_string(identity.uid) + ",gid=" + std::to_string(identity.gid);
}

void make_directory(const char* path, const Identity& identity) {
  if (::mkdir(path, 0700) != 0 || ::chown(path, identity.uid, identity.gid) != 0)
    throw system_problem(std::string("cannot make ") + path);
}

constexpr std::size_t kLargestCookie = std::size_t{64} << 10;

/// An X server's cookie file; empty where there is none, which many servers do without.
std::string read_cookie(const std::string& path) {
  if (path.empty()) return {};
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat info{};
  if (!file || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return {};
  std::string cookie(kLargestCookie, '\0');
  const ssize_t size = ::read(file.get(), cookie.data(), cookie.size());
  cookie.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return cookie;
}

/// Into the browser's home, which lies in memory and ends with it: the file itself is for its owner's eyes.
void put_cookie(const std::string& cookie, const Identity& identity) {
  if (cookie.empty()) return;
  const UniqueFd file(::open(kXCookieInside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file || ::fchmod(file.get(), 0600) != 0 || ::fchown(file.get(), identity.uid, identity.gid) != 0 ||
      ::write(file.get(), cookie.data(), cookie.size()) != static_cast<ssize_t>(cookie.size())) {
    throw system_problem("cannot give the browser the display's cookie");
  }
}

// Holds the directories open across the new /tmp that covers them.
class Kept {
 public:
  explicit Kept(const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
      UniqueFd fd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
      if (fd) kept_.emplace_back(path, std::move(fd));
    }
  }
  void put_back() const {
    for (const auto& [path, fd] : kept_) {
      std::error_code error;
      std::filesystem::create_directories(path, error);
      bind("/proc/self/fd/" + std::to_string(fd.get()), path);
    }
  }

 private:
  std::vector<std::pair<std::string, UniqueFd>> kept_;
};

}  // namespace

UniqueFd set_up_mounts(const Request& request, const Identity& identity) {
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    throw system_problem("cannot make the mounts private", "the host allows user namespaces but no mounts in them");
  }
  // Read before anything is hidden, or covered by a /tmp of its own.
  const std::string cookie = read_cookie(request.x_cookie);
  for (const std::string& path : request.hidden) hide(path);

  const Kept kept(request.shown);
  const std::string size = "size=" + std::to_string(request.temporary_bytes) + ",nr_inodes=100k";
  mount_tmpfs("/tmp", kNothingSpecial, size + ",mode=0700" + owned_by(identity));
  kept.put_back();
  mount_tmpfs("/dev/shm", MS_NOSUID | MS_NODEV, size + ",mode=0700" + owned_by(identity));

  for (const char* path : {kHomeInside, kProfileInside, kDownloadsInside}) make_directory(path, identity);
  put_cookie(cookie, identity);
  mount_tmpfs(kDownloadsInside, kNothingSpecial,
              "size=" + std::to_string(request.download_bytes) + ",nr_inodes=1k,mode=0700" + owned_by(identity));
  UniqueFd downloads(::open(kDownloadsInside, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!downloads) throw system_problem("cannot open the download directory");

  // Last: the old one is what /proc/self/fd above is read through.
  if (::mount("proc", "/proc", "proc", kNothingSpecial, nullptr) != 0) {
    throw system_problem("cannot mount /proc for the browser",
                         "in a container, /proc must not be masked (or run totpilot as root)");
  }
  return downloads;
}

}  // namespace totpilot::launcher

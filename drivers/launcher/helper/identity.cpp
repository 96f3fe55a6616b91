#include "drivers/launcher/helper/identity.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "drivers/launcher/helper/problem.h"

namespace totpilot::launcher {
namespace {

constexpr const char* kLockDirectory = "/run/totpilot-browser";

void write_proc(const char* path, const std::string& text) {
  const UniqueFd file(::open(path, O_WRONLY | O_CLOEXEC));
  if (!file || ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    throw system_problem(std::string("cannot write ") + path, "user namespaces are restricted on this host");
  }
}

void make_lock_directory() {
  if (::mkdir(kLockDirectory, 0700) == 0) return;
  struct stat info{};
  if (errno != EEXIST || ::lstat(kLockDirectory, &info) != 0 || !S_ISDIR(info.st_mode) || info.st_uid != 0 ||
      (info.st_mode & 022) != 0) {
    throw system_problem(std::string("cannot use ") + kLockDirectory);
  }
}

}  // namespace

Identity choose_identity(const Request& request) {
  Identity identity;
  if (::geteuid() != 0) {
    identity.uid = ::geteuid();
    identity.gid = ::getegid();
    identity.user_namespace = true;
    return identity;
  }
  make_lock_directory();
  for (uid_t uid = request.first_uid; uid < request.first_uid + request.uid_count; ++uid) {
    const std::string path = std::string(kLockDirectory) + "/" + std::to_string(uid);
    UniqueFd lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock) throw system_problem("cannot open " + path);
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) continue;
    if (::getpwuid(uid) != nullptr) continue;  // somebody's
    identity.uid = uid;
    identity.gid = uid;
    identity.lock = std::move(lock);
    return identity;
  }
  throw Problem{"every uid set aside for browsers is in use",
                "fewer browsers at once, or a larger range of uids in the configuration"};
}

void map_own_ids(const Identity& identity) {
  write_proc("/proc/self/setgroups", "deny");
  const auto itself = [](unsigned id) { return std::to_string(id) + " " + std::to_string(id) + " 1"; };
  write_proc("/proc/self/uid_map", itself(identity.uid));
  write_proc("/proc/self/gid_map", itself(identity.gid));
}

}  // namespace totpilot::launcher

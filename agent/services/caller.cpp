#include "agent/services/caller.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <array>

namespace totpilot::services {
namespace {

std::string user_name() {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) return {};
  return found->pw_name;
}

}  // namespace

Caller Caller::local(pid_t pid) {
  Caller caller;
  const std::string user = user_name();
  caller.name = user.empty() ? fmt::format("cli:{}", pid) : "cli:" + user;
  caller.scopes = {Scope::kRead,    Scope::kManage, Scope::kRun,   Scope::kCodes,
                   Scope::kSecrets, Scope::kVault,  Scope::kPeople};
  caller.role = Role::kOwner;
  caller.at_home = true;
  return caller;
}

}  // namespace totpilot::services

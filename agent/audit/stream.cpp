#include "agent/audit/stream.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <syslog.h>
#include <unistd.h>

#include "agent/base/failure.h"

namespace totpilot::audit {
namespace {

Failure cannot_stream(const std::string& target) {
  return Failure(Outcome::kStorageFailed, fmt::format("{}: the audit log's stream cannot be written", target),
                 "what is not recorded is not done: mend it, or set another audit.stream");
}

}  // namespace

Stream::Stream(std::string target) : target_(std::move(target)) {
  if (file().empty()) return;
  fd_ = UniqueFd(::open(target_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd_) throw cannot_stream(target_);
}

std::filesystem::path Stream::file() const { return target_ == "syslog" ? std::string() : target_; }

void Stream::write(const std::vector<std::string>& lines) {
  if (target_ == "syslog") {
    for (const std::string& line : lines) ::syslog(LOG_AUTHPRIV | LOG_NOTICE, "totpilot: %s", line.c_str());
    return;
  }
  if (!fd_) return;
  std::string block;
  for (const std::string& line : lines) block += line + "\n";
  if (::write(fd_.get(), block.data(), block.size()) != static_cast<ssize_t>(block.size()))
    throw cannot_stream(target_);
}

}  // namespace totpilot::audit

#include "agent/vault/secret_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "agent/base/failure.h"
#include "agent/base/file.h"
#include "agent/base/unique_fd.h"

namespace totpilot::vault {

Secret read_secret_file(const std::filesystem::path& file) {
  require_private_file(file);
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info{};
  if (!fd || ::fstat(fd.get(), &info) != 0)
    throw Failure(Outcome::kStorageFailed, fmt::format("{}: cannot be read ({})", file.string(), std::strerror(errno)));
  if (!S_ISREG(info.st_mode)) throw Failure(Outcome::kInvalidInput, file.string() + ": is not an ordinary file");
  if (static_cast<std::size_t>(info.st_size) > kLargestSecretFile)
    throw Failure(Outcome::kInvalidInput,
                  fmt::format("{}: is larger than {} bytes", file.string(), kLargestSecretFile));
  Secret content = Secret::zeros(static_cast<std::size_t>(info.st_size));
  std::size_t filled = 0;
  while (filled < content.size()) {
    const ssize_t got = ::read(fd.get(), content.writable().data() + filled, content.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw Failure(Outcome::kStorageFailed, file.string() + ": cannot be read");
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  return filled == content.size() ? std::move(content) : Secret::copy_of(content.reveal().substr(0, filled));
}

}  // namespace totpilot::vault

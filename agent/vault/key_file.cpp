#include "agent/vault/key_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "agent/base/encoding.h"
#include "agent/base/failure.h"
#include "agent/base/file.h"
#include "agent/crypto/aead.h"
#include "agent/vault/secret_file.h"
#include "agent/vault/vault_impl.h"

namespace totpilot::vault {
namespace {

constexpr std::string_view kMark = "totpilot-key-1 ";

Secret parse_line(std::string_view line, const std::filesystem::path& file) {
  if (line.starts_with(kMark)) {
    auto key = base64_decode(line.substr(kMark.size()));
    if (key && key->size() == crypto::kKeyBytes) return Secret(std::move(*key));
  }
  throw Failure(Outcome::kStorageFailed, fmt::format("{}: is not a key file of totpilot", file.string()),
                "put the right file back, or open the vault with its passphrase or kit");
}

}  // namespace

std::vector<Secret> read_key_file(const std::filesystem::path& file) {
  std::vector<Secret> keys;
  if (!std::filesystem::exists(file)) return keys;
  const Secret content = read_private_secret(file);
  std::string_view rest = content.reveal();
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (!line.empty() && !line.starts_with('#')) keys.push_back(parse_line(line, file));
  }
  return keys;
}

KeyFile examine_key_file(const std::filesystem::path& file) {
  try {
    require_private_file(file);
  } catch (const Failure& failure) {
    return {KeyFile::State::kUnreadable, {}, failure.message(), failure.hint()};
  }
  try {
    KeyFile found{KeyFile::State::kWhole, read_key_file(file), {}, {}};
    if (found.keys.empty()) found.state = KeyFile::State::kDamaged;
    return found;
  } catch (const Failure&) {
    return {KeyFile::State::kDamaged, {}, {}, {}};
  }
}

std::filesystem::path set_key_file_aside(const std::filesystem::path& file, TimePoint now) {
  const std::filesystem::path aside = fmt::format("{}.replaced-{}", file.string(), stamp(now));
  if (::link(file.c_str(), aside.c_str()) != 0)
    throw Failure(Outcome::kStorageFailed,
                  fmt::format("{}: cannot be kept as {} ({})", file.string(), aside.string(), std::strerror(errno)),
                  "move it away by hand");
  return aside;
}

void write_key_file(const std::filesystem::path& file, const std::vector<const Secret*>& keys) {
  make_private_directory(file.parent_path());
  std::string content;
  content.reserve(1024);  // no copy is left behind by growing
  content +=
      "# The key of a totpilot vault. Whoever has it and the database can read every secret. Keep a copy elsewhere.\n";
  for (const Secret* key : keys) {
    std::string encoded = base64_encode(key->reveal());
    content += kMark;
    content += encoded;
    content += '\n';
    wipe(encoded);
  }
  const Secret whole(std::move(content));
  write_file_atomically(file, whole.reveal());
}

std::optional<std::filesystem::path> credential_file() {
  const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
  if (directory == nullptr || *directory == '\0') return std::nullopt;
  const std::filesystem::path file = std::filesystem::path(directory) / "vault.key";
  return std::filesystem::exists(file) ? std::optional(file) : std::nullopt;
}

}  // namespace totpilot::vault

#include "agent/vault/backup_stream.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "agent/base/failure.h"
#include "agent/base/unique_fd.h"
#include "agent/crypto/aead.h"
#include "agent/crypto/sha256.h"

namespace totpilot::vault {
namespace {

constexpr std::string_view kFamily = "TOTPILOT-BACKUP-";
constexpr std::string_view kMagic = "TOTPILOT-BACKUP-1\n";
constexpr std::size_t kLargestHeader = 1U << 20U;

std::string nonce_of(std::uint64_t number, bool last) {
  std::string nonce(crypto::kNonceBytes, '\0');
  for (std::size_t i = 0; i < 8; ++i) nonce[3 + i] = static_cast<char>(number >> (56 - 8 * i) & 255U);
  nonce.back() = last ? '\1' : '\0';
  return nonce;
}

std::string binding_of(std::string_view header) { return "totpilot backup 1" + crypto::sha256(header); }

std::string length_of(std::size_t size) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(size >> static_cast<unsigned>(shift) & 255U);
  return out;
}

[[noreturn]] void fail(const std::filesystem::path& file, std::string_view what) {
  throw Failure(Outcome::kStorageFailed, fmt::format("{}: {} ({})", file.string(), what, std::strerror(errno)));
}

/// What the user named is no place for a file; anything else is the disk's fault.
[[noreturn]] void fail_to_create(const std::filesystem::path& file) {
  const int error = errno;
  const bool named = error == ENOENT || error == ENOTDIR || error == EACCES || error == EPERM || error == EROFS ||
                     error == ENAMETOOLONG;
  throw Failure(named ? Outcome::kInvalidInput : Outcome::kStorageFailed,
                fmt::format("{}: cannot be created ({})", file.string(), std::strerror(error)),
                named ? "name a file in a directory that is there and that you may write to" : "");
}

[[noreturn]] void refuse(const std::filesystem::path& file, std::string_view what) {
  throw Failure(Outcome::kStorageFailed, fmt::format("{}: {}", file.string(), what),
                "use another backup; nothing was changed");
}

}  // namespace

BackupWriter::BackupWriter(std::filesystem::path file, std::string header, const Secret& key)
    : file_(std::move(file)),
      beside_(file_.string() + fmt::format(".{}.new", ::getpid())),
      binding_(binding_of(header)),
      key_(key) {
  if (std::filesystem::exists(file_))
    throw Failure(Outcome::kAlreadyExists, fmt::format("{}: is there already", file_.string()), "choose another name");
  fd_ = ::open(beside_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd_ < 0) fail_to_create(file_);
  put(kMagic);
  put(length_of(header.size()));
  put(header);
}

BackupWriter::~BackupWriter() {
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(beside_.c_str());
}

void BackupWriter::write(std::string_view bytes) {
  while (!bytes.empty()) {
    // A full chunk waits until more comes: only then is it known not to be the last.
    if (pending_.size() == kChunkBytes) write_chunk(false);
    const std::size_t part = std::min(bytes.size(), kChunkBytes - pending_.size());
    pending_ += bytes.substr(0, part);
    bytes.remove_prefix(part);
  }
}

void BackupWriter::write_chunk(bool last) {
  const crypto::AeadParts parts = crypto::aead_seal_with_nonce(key_, nonce_of(number_++, last), binding_, pending_);
  put(parts.ciphertext);
  put(parts.tag);
  pending_.clear();
}

void BackupWriter::put(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(file_, "cannot be written");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void BackupWriter::finish() {
  write_chunk(true);
  if (::fsync(fd_) != 0) fail(file_, "cannot be synced");
  if (::renameat2(AT_FDCWD, beside_.c_str(), AT_FDCWD, file_.c_str(), RENAME_NOREPLACE) != 0) {
    if (errno == EEXIST) throw Failure(Outcome::kAlreadyExists, fmt::format("{}: is there already", file_.string()));
    fail(file_, "cannot be given its name");
  }
  ::close(std::exchange(fd_, -1));
  const std::filesystem::path directory = file_.has_parent_path() ? file_.parent_path() : ".";
  const UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) fail(directory, "cannot be synced");
}

BackupReader::BackupReader(const std::filesystem::path& file) : file_(file), in_(file, std::ios::binary) {
  if (!in_)
    throw Failure(Outcome::kNotFound, fmt::format("{}: cannot be opened ({})", file.string(), std::strerror(errno)),
                  "name the file that totpilot backup wrote");
  const std::string magic = take(kMagic.size());
  if (!magic.starts_with(kFamily))
    throw Failure(Outcome::kInvalidInput, fmt::format("{}: is no backup of totpilot", file_.string()),
                  "name the file that totpilot backup wrote");
  if (magic != kMagic)
    throw Failure(Outcome::kInvalidInput, fmt::format("{}: is a backup of another version of totpilot", file_.string()),
                  "restore it with the version that wrote it, or a later one");
  std::size_t size = 0;
  for (const char c : take(4)) size = size << 8U | static_cast<unsigned char>(c);
  if (size > kLargestHeader) refuse(file_, "is damaged");
  header_ = take(size);
  if (header_.size() != size) refuse(file_, "is cut");
}

std::string BackupReader::take(std::size_t size) {
  std::string bytes(size, '\0');
  in_.read(bytes.data(), static_cast<std::streamsize>(size));
  bytes.resize(static_cast<std::size_t>(in_.gcount()));
  return bytes;
}

void BackupReader::read_all(const Secret& key, const std::function<void(std::string_view)>& use) {
  const std::string binding = binding_of(header_);
  for (std::uint64_t number = 0;; ++number) {
    std::string chunk = take(kChunkBytes + crypto::kTagBytes);
    if (chunk.size() < crypto::kTagBytes) refuse(file_, "is cut");
    const bool last = in_.peek() == std::ifstream::traits_type::eof();
    const std::size_t body = chunk.size() - crypto::kTagBytes;
    const auto plain =
        crypto::aead_open_parts(key, {nonce_of(number, last), chunk.substr(0, body), chunk.substr(body)}, binding);
    if (!plain) refuse(file_, "was cut or changed");
    use(plain->reveal());
    if (last) return;
  }
}

}  // namespace totpilot::vault

#pragma once
// The key file: one line per key ("totpilot-key-1 BASE64"). Two lines only while a rotation replaces it. Private to the
// room.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "agent/base/clock.h"
#include "agent/base/secret.h"
#include "agent/vault/locations.h"

namespace totpilot::vault {

/// The keys in the file; empty when it is not there. Throws storage_failed for one that is open to others or no key
/// file.
std::vector<Secret> read_key_file(const std::filesystem::path& file);
/// A file in the key file's place, as far as it can be known.
struct KeyFile {
  enum class State { kWhole, kDamaged, kUnreadable };  // damaged: holds no key; unreadable: must not or cannot be read
  State state = State::kWhole;
  std::vector<Secret> keys;
  std::string problem;  // of an unreadable one
  std::string remedy;
};
KeyFile examine_key_file(const std::filesystem::path& file);
/// Keeps it under another name beside; it stays in its place too until a new one takes that.
std::filesystem::path set_key_file_aside(const std::filesystem::path& file, TimePoint now);
/// Whole or not at all, 0600; the directory is made, 0700.
void write_key_file(const std::filesystem::path& file, const std::vector<const Secret*>& keys);

/// The credential that systemd gives a unit, if there is one.
std::optional<std::filesystem::path> credential_file();

}  // namespace totpilot::vault

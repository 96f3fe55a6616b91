#pragma once
// The key file: one line per key ("totpilot-key-1 BASE64"). Two lines only while a rotation replaces it. Private to the
// room.
#include <filesystem>
#include <optional>
#include <vector>

#include "agent/base/secret.h"
#include "agent/vault/locations.h"

namespace totpilot::vault {

/// The keys in the file; empty when it is not there. Throws storage_failed for one that is open to others or no key
/// file.
std::vector<Secret> read_key_file(const std::filesystem::path& file);
/// Whole or not at all, 0600; the directory is made, 0700.
void write_key_file(const std::filesystem::path& file, const std::vector<const Secret*>& keys);

/// The credential that systemd gives a unit, if there is one.
std::optional<std::filesystem::path> credential_file();

}  // namespace totpilot::vault

#pragma once
// Small private files that hold a secret, read straight into wiped memory. Blocking.
#include <filesystem>

#include "agent/base/secret.h"

namespace totpilot::vault {

inline constexpr std::size_t kLargestSecretFile = 65536;

/// The whole file. Throws not_found, storage_failed (open to others, unreadable), invalid_input (a directory, or larger
/// than 64 KiB).
Secret read_private_secret(const std::filesystem::path& file);

}  // namespace totpilot::vault

#pragma once
// Files that matter: private, whole or not at all. Blocking. Failures are storage_failed or not_found and name the
// path.
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace totpilot {

/// The whole file; refuses one larger than `limit` bytes (invalid_input).
std::string read_file(const std::filesystem::path& path, std::size_t limit);

/// Writes beside, syncs, renames over, syncs the directory. Mode 0600.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

/// Makes the directory (and parents) with mode 0700; refuses one that others may enter or that another user owns.
void make_private_directory(const std::filesystem::path& path);

/// Refuses (storage_failed) a file that others can read or that another user owns.
void require_private_file(const std::filesystem::path& path);

}  // namespace totpilot

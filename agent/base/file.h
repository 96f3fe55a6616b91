#pragma once
// Files that matter: private, whole or not at all. Blocking. Failures are storage_failed or not_found and name the
// path.
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "agent/base/secret.h"

namespace totpilot {

/// The whole file; refuses one larger than `limit` bytes (invalid_input).
std::string read_file(const std::filesystem::path& path, std::size_t limit);
/// The same for a file that holds a secret: no copy of it is left in plain memory. Pipes are read to their end.
Secret read_secret_file(const std::filesystem::path& path, std::size_t limit);
/// All that comes out of `fd`, which may be non-blocking. `name` stands in messages ("standard input").
Secret read_secret_stream(int fd, std::size_t limit, std::string_view name);

/// Content that is on the disk beside the place that it takes with put_in_place(), and gone when it never does. Mode
/// 0600. A device or a pipe gets it at once instead; a directory and a link to a file are refused (invalid_input).
class StagedFile {
 public:
  StagedFile(std::filesystem::path path, std::string_view content);
  /// Renames it over what is there and syncs the directory.
  void put_in_place();

 private:
  /// The file beside; empty: nothing waits.
  struct Waiting {
    Waiting() = default;
    ~Waiting();
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    std::filesystem::path file;
  };
  void write_beside(std::string_view content);
  void write_through(std::string_view content) const;

  std::filesystem::path path_;
  Waiting waiting_;
};

/// A StagedFile that is put in place.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

/// What was created in the directory is there after a power cut. storage_failed.
void sync_directory(const std::filesystem::path& directory);

/// Makes the directory (and parents) with mode 0700; refuses one that others may enter or that another user owns.
void make_private_directory(const std::filesystem::path& path);

/// Refuses (storage_failed) a file that others can read or that another user owns.
void require_private_file(const std::filesystem::path& path);

}  // namespace totpilot

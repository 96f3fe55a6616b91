#pragma once
// BackupStream: a file of authenticated chunks. Each chunk's nonce is its number and whether it is the last, so that
// chunks cannot be cut off, added, repeated or exchanged; the header is bound to each. Private to the room. Blocking.
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>

#include "agent/base/secret.h"

namespace totpilot::vault {

inline constexpr std::size_t kChunkBytes = 65536;

/// Writes the header, then the chunks; on finish() the file is synced and gets its name. Without finish() nothing is
/// left.
class BackupWriter {
 public:
  /// `key` is for this file alone: chunk numbers are its nonces. Throws already_exists, invalid_input for a place where
  /// no file can be made, storage_failed.
  BackupWriter(std::filesystem::path file, std::string header, const Secret& key);
  ~BackupWriter();
  BackupWriter(const BackupWriter&) = delete;
  BackupWriter& operator=(const BackupWriter&) = delete;

  void write(std::string_view bytes);
  void finish();

 private:
  void write_chunk(bool last);
  void put(std::string_view bytes);

  const std::filesystem::path file_;
  const std::filesystem::path beside_;
  const std::string binding_;
  const Secret& key_;
  int fd_ = -1;
  std::string pending_;
  std::uint64_t number_ = 0;
};

class BackupReader {
 public:
  /// Reads the header. Throws invalid_input when it is no backup, storage_failed when it is a damaged one.
  explicit BackupReader(const std::filesystem::path& file);

  const std::string& header() const { return header_; }
  /// Hands over every chunk in order, each after its tag was found right. Throws storage_failed for a file that is cut
  /// or changed.
  void read_all(const Secret& key, const std::function<void(std::string_view)>& take);

 private:
  std::string take(std::size_t size);

  std::filesystem::path file_;
  std::ifstream in_;
  std::string header_;
};

}  // namespace totpilot::vault

#pragma once
// Checkpoints: how far each chain went, in a file beside the database: one line for each commit, so that an end that
// was cut off shows. Each line carries an HMAC of its own. Not synchronized: the chain guards it. Blocking.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "agent/base/clock.h"
#include "agent/base/secret.h"
#include "agent/base/unique_fd.h"

namespace totpilot::audit {

inline constexpr const char* kCheckpointFile = "audit.checkpoints";

struct Checkpoint {
  std::string writer;
  std::int64_t sequence = 0;
  std::string hash;
  TimePoint at;
};

struct CheckpointsRead {
  std::vector<Checkpoint> good;
  std::vector<int> bad_lines;  // numbers, from 1, of lines that nobody with the key wrote
};

/// Nothing where there is no file. A last line without its end, as a power cut leaves it, is passed over.
CheckpointsRead read_checkpoints(const std::filesystem::path& file, const Secret& key);

/// What a stream to a file says of how far the chains went; lines of others are passed over.
std::vector<Checkpoint> read_stream(const std::filesystem::path& file);

class CheckpointFile {
 public:
  /// Made (0600) where there is none; a line without its end is taken away, and of a long file only the last line of
  /// each chain is kept. Throws storage_failed.
  CheckpointFile(std::filesystem::path file, const Secret& key);
  /// The line is in the file, whole, or storage_failed. Not synced: it guards against people, not against power cuts,
  /// after which it is at worst behind the database.
  void append(const Checkpoint& checkpoint);

 private:
  std::filesystem::path file_;
  Secret key_;
  UniqueFd fd_;
};

}  // namespace totpilot::audit

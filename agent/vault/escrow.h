#pragma once
// Escrow: sealed candidates outside the database, written before a code is submitted and pruned when the factor is
// proven. They survive a lost, damaged or older database. Append-only (O_APPEND, O_DSYNC), in a directory of its own.
// Blocking; any thread.
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "agent/store/rows.h"

namespace totpilot::vault {

/// A factor with what is needed to know whose it is. `factor.sealed_secret` is the text of the database.
struct EscrowEntry {
  store::FactorRow factor;
  std::string account_name;
  std::string username;
  std::string base_url;
};

/// Whether the log names a file with lines that a crash tore. That is for the owner of the vault, not for one who only
/// looks through a directory.
enum class TornLines { kWarn, kSkip };

class Escrow {
 public:
  /// The file is named after the workspace: a vault made anew never mixes with what an older one left.
  Escrow(std::filesystem::path directory, const std::string& workspace, TornLines torn = TornLines::kWarn);

  /// Returns when the entry is on the disk. Throws storage_failed; then no code may be submitted.
  void append(const EscrowEntry& entry);
  /// Every whole entry; a torn last line (a crash while it was written) is left out. The newest of a factor.
  std::vector<EscrowEntry> list() const;
  /// Removes the entries of a factor whose row is safely in the database and proven. Returns how many.
  int prune(const FactorId& factor);
  /// Replaces sealed texts (a key was rotated): all entries anew, whole or not at all.
  void rewrite(const std::vector<EscrowEntry>& entries);

  const std::filesystem::path& file() const { return file_; }

 private:
  std::vector<EscrowEntry> read_all() const;
  void write_all(const std::vector<EscrowEntry>& entries);

  mutable std::mutex mutex_;
  std::filesystem::path directory_;
  std::filesystem::path file_;
  TornLines torn_;
};

}  // namespace totpilot::vault

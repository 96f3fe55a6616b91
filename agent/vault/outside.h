#pragma once
// Outside: what the vault keeps beside the escrow copies because the database could be replaced by an older one: the
// epoch, how often each key was used, and copies of the slots and keys (all wrapped). Private to the room. Blocking;
// any thread.
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "agent/store/rows.h"

namespace totpilot::vault {

class Outside {
 public:
  Outside(std::filesystem::path directory, std::string workspace);

  /// Zero when nothing was kept yet.
  std::int64_t epoch() const;
  /// Never lowers it.
  void raise_epoch(std::int64_t epoch);

  /// Counts one use of a key. Writes the file once in kReserve uses, ahead of them, so the number on the disk is an
  /// upper bound.
  void count_use(const KeyId& key);
  std::int64_t uses(const KeyId& key) const;
  static constexpr std::int64_t kReserve = 4096;

  /// Slots and keys as the database has them now, and the state directory that it lies in.
  void keep_copies(const std::vector<store::VaultSlotRow>& slots, const std::vector<store::VaultKeyRow>& keys,
                   const std::filesystem::path& home);
  std::vector<store::VaultSlotRow> slots() const;
  std::vector<store::VaultKeyRow> keys() const;
  /// Where the database was last used, links resolved; empty in a file of before this was kept.
  std::filesystem::path home() const;

 private:
  struct Use {
    std::int64_t counted = 0;   // in this process, from the reserved number on
    std::int64_t reserved = 0;  // on the disk
  };
  void load();
  void save();

  mutable std::mutex mutex_;
  std::filesystem::path directory_;
  std::filesystem::path file_;
  std::string workspace_;
  std::int64_t epoch_ = 0;
  std::map<KeyId, Use> uses_;
  std::vector<store::VaultSlotRow> slots_;
  std::vector<store::VaultKeyRow> keys_;
  std::filesystem::path home_;
};

}  // namespace totpilot::vault

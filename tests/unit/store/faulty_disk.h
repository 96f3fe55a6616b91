#pragma once
// FaultyDisk: SQLite's own file layer, with failing syncs and writes on request. The default of the process while one
// lives.
#include <atomic>
#include <string>

namespace totpilot::store {

class FaultyDisk {
 public:
  FaultyDisk();
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  /// The n-th sync from now (0: the next) of a file whose name ends so fails with an I/O error, once or from then on.
  /// The data was written before, as after a real failing fsync.
  void fail_sync(int nth, std::string suffix, bool for_ever = false);
  /// The n-th write from now fails with "disk full".
  void fail_write(int nth, std::string suffix, bool for_ever = false);
  void heal();
  /// Did it fail anything since it was told to?
  bool failed() const;
};

}  // namespace totpilot::store

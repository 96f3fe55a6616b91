#pragma once
// Chain: appends records to this writer's chain, in one transaction for as many as are given. Any thread; blocking.
#include <mutex>
#include <span>
#include <string>

#include "agent/audit/checkpoints.h"
#include "agent/audit/record.h"
#include "agent/audit/stream.h"
#include "agent/store/store.h"

namespace totpilot::audit {

struct ChainSettings {
  Secret key;          // of the vault, the same through its rotations
  std::string stream;  // see Stream
};

class Chain {
 public:
  /// Goes on with the chain of this state directory. Where the database is behind its checkpoint, or not the one that
  /// was written, it begins a new chain and says so in its first record.
  Chain(store::Store& store, const Clock& clock, ChainSettings settings);

  /// All of them are on the disk, with their checkpoint and in the stream, or it throws: then what they were about must
  /// not be done.
  void append(std::span<const Entry> entries);

  const std::string& writer() const { return writer_; }

 private:
  void begin();
  std::vector<store::AuditRow> insert(store::WriteTransaction& transaction, std::span<const Entry> entries) const;

  store::Store& store_;
  const Clock& clock_;
  std::mutex mutex_;
  Secret key_;
  CheckpointFile checkpoints_;  // under mutex_
  Stream stream_;               // under mutex_
  std::string writer_;
};

}  // namespace totpilot::audit

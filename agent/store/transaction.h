#pragma once
// What the repositories work on. A transaction lives inside Store::write or Store::read, on that thread; it is never
// kept.
namespace totpilot::store {

class Connection;  // of this room alone: the SOCI session

class ReadTransaction {
 public:
  explicit ReadTransaction(Connection& connection) : connection_(connection) {}
  ReadTransaction(const ReadTransaction&) = delete;
  ReadTransaction& operator=(const ReadTransaction&) = delete;
  Connection& connection() { return connection_; }

 private:
  Connection& connection_;
};

/// Also reads, and sees its own changes.
class WriteTransaction : public ReadTransaction {
 public:
  using ReadTransaction::ReadTransaction;

  /// After the commit, empty the write-ahead log: a row with a secret was deleted or overwritten (secure_delete does
  /// not reach the log).
  void scrub_after_commit() { scrub_ = true; }
  bool scrub() const { return scrub_; }

 private:
  bool scrub_ = false;
};

}  // namespace totpilot::store

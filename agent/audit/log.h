#pragma once
// Log: records of many callers in shared transactions. While one is being written, those that come gather for the next,
// so a busy hour costs a commit for many and a quiet one no wait. One io_context thread; the writing is the pool's.
#include <boost/asio/thread_pool.hpp>
#include <memory>

#include "agent/audit/chain.h"
#include "agent/base/async.h"

namespace totpilot::audit {

class Log {
 public:
  /// The pool ends before what the chain is made of.
  Log(boost::asio::thread_pool& pool, std::shared_ptr<Chain> chain);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  /// Returns when the record is on the disk. Throws what kept it from there: then what it was about must not be done.
  task<void> record(Entry entry);
  Chain& chain() { return *chain_; }
  /// Transactions so far: fewer than records when callers came together.
  std::size_t commits() const;

 private:
  class Queue;
  std::shared_ptr<Chain> chain_;
  std::shared_ptr<Queue> queue_;  // shared with the pool's thread that writes
};

}  // namespace totpilot::audit

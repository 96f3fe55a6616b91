#pragma once
// A queue over several accounts, and lives of the process that works on it: each with a worker and a dispatcher of its
// own, ended in order or dropped as a kill does.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "agent/jobs/dead_jobs.h"
#include "agent/jobs/dispatcher.h"
#include "tests/unit/jobs/office.h"

namespace totpilot::jobs {

/// One life of the process.
class Life {
 public:
  Life(store::Store& store, Clock& clock, Dispatcher::RunJob run_job, DispatcherSettings settings = {},
       WorkerSettings worker = {})
      : worker_(store, clock, pool_, stop_, worker),
        dispatcher_(std::make_unique<Dispatcher>(
            Dispatcher::Parts{context_->get_executor(), store, clock, pool_, worker_, stop_}, std::move(run_job),
            std::move(settings))) {
    boost::asio::co_spawn(*context_, dispatcher_->run(), [this](std::exception_ptr error) {
      EXPECT_FALSE(error);
      ended_ = true;
    });
  }
  /// Dropped, whatever runs.
  ~Life() {
    pool_.join();
    dispatcher_.reset();  // its timer needs the context; nothing runs there any more
    context_.reset();
  }
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;

  void until(const std::function<bool()>& reached) {
    while (!reached()) context_->run_one();
  }
  void stop() {
    dispatcher_->stop();
    until([this] { return ended_; });
  }
  Dispatcher& dispatcher() { return *dispatcher_; }
  boost::asio::thread_pool& pool() { return pool_; }

 private:
  StopRequest stop_;
  boost::asio::thread_pool pool_{2};
  Worker worker_;
  std::unique_ptr<boost::asio::io_context> context_ = std::make_unique<boost::asio::io_context>(1);
  std::unique_ptr<Dispatcher> dispatcher_;
  bool ended_ = false;
};

class Floor : public Office {
 protected:
  store::AccountRow another(const std::string& name) {
    store::AccountRow account = account_;
    account.id = AccountId::make(clock_.now());
    account.name = name;
    store_->write([&](store::WriteTransaction& transaction) { store::insert_account(transaction, account); });
    return account;
  }
  store::JobRow submit(const AccountId& account, const std::string& kind = "login", const std::string& lane = "app") {
    store::JobRow row;
    row.id = JobId::make(clock_.now());
    row.account = account;
    row.kind = kind;
    row.lane = lane;
    row.request = "{}";
    row.created = clock_.now();
    store_->write([&](store::WriteTransaction& transaction) { store::insert_job(transaction, row); });
    clock_.move(std::chrono::milliseconds(1));  // the next is younger
    return row;
  }
  /// The database as the next process finds it.
  void reopen() {
    store_.reset();
    store_ = store::Store::open({.state_directory = root_ / "state"});
    settle_dead_jobs(*store_, clock_, WorkerId::make(clock_.now()), Dead::kAll, most_attempts_);
  }
  int most_attempts_ = 3;

  store::CancelResult cancel(const JobId& id) {
    return store_->write(
        [&](store::WriteTransaction& transaction) { return store::cancel_job(transaction, id, clock_.now()); });
  }
};

}  // namespace totpilot::jobs

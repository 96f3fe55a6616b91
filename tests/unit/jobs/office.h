#pragma once
// A store with one account, a worker on it, and a clock that tells when it is asked.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>

#include "agent/jobs/worker.h"
#include "agent/store/accounts.h"
#include "agent/store/jobs.h"
#include "agent/store/store.h"

namespace totpilot::jobs {

/// A wall clock that stands still until it is moved.
class StandingClock final : public Clock {
 public:
  TimePoint now() const override { return from_millis(millis_.load()); }
  task<void> wait_until(TimePoint when, Deadline) override {
    millis_ = to_millis(when);
    co_return;
  }
  void move(std::chrono::milliseconds span) { millis_ += span.count(); }

 private:
  std::atomic<std::int64_t> millis_{1'795'000'000'000};
};

class Office : public testing::Test {
 protected:
  Office() {
    std::string name = (std::filesystem::temp_directory_path() / "totpilot-jobs-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    root_ = name;
    store_ = store::Store::open({.state_directory = root_ / "state"});
    account_.id = AccountId::make(clock_.now());
    account_.name = "alice";
    account_.username = "alice";
    account_.base_url = "https://app.example";
    account_.origins = {"https://app.example"};
    account_.created = account_.updated = clock_.now();
    store_->write([&](store::WriteTransaction& transaction) { store::insert_account(transaction, account_); });
  }
  ~Office() override {
    pool_.join();
    store_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  std::unique_ptr<Worker> make_worker(WorkerSettings settings = {}) {
    return std::make_unique<Worker>(*store_, clock_, pool_, stop_, settings);
  }
  Claimed start(Worker& worker, const std::string& kind = "login") {
    return run_to_end(context_, worker.start({account_.id, kind, {}}));
  }
  /// The failure's code; kOk for none.
  Outcome run(Worker& worker, const Claimed& claimed, std::function<task<void>()> flow) {
    try {
      run_to_end(context_, worker.run(claimed, std::move(flow)));
    } catch (const Failure& failure) {
      return failure.code();
    }
    return Outcome::kOk;
  }
  store::JobRow job(const JobId& id) {
    return store_->read([&](store::ReadTransaction& transaction) { return *store::find_job(transaction, id); });
  }
  /// As an enrollment does before it sends a code.
  void arm(const JobId& id) {
    const store::JobRow row = job(id);
    store_->write([&](store::WriteTransaction& transaction) {
      ASSERT_TRUE(store::mark_past_return(transaction, store::fence_of(row)));
    });
  }
  /// A flow that waits until it is cancelled, and then says so as every flow does.
  static task<void> wait_for_ever() { co_await pause_until(Deadline::Clock::now() + std::chrono::minutes(10)); }

  std::filesystem::path root_;
  StandingClock clock_;
  boost::asio::io_context context_{1};
  boost::asio::thread_pool pool_{2};
  StopRequest stop_;
  std::unique_ptr<store::Store> store_;
  store::AccountRow account_;
};

}  // namespace totpilot::jobs

#pragma once
// A real store and vault in a private directory, with a clock that stands still until it is moved. For the tests of
// this room.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "agent/base/clock.h"
#include "agent/enrollment/attempt_budget.h"
#include "agent/enrollment/code_mint.h"
#include "agent/enrollment/factor_book.h"
#include "agent/enrollment/journal.h"
#include "agent/enrollment/recovery_book.h"
#include "agent/enrollment/window_ledger.h"
#include "agent/store/accounts.h"
#include "agent/store/jobs.h"
#include "agent/store/store.h"
#include "agent/vault/vault.h"

namespace totpilot::enrollment {

class StillClock final : public Clock {
 public:
  TimePoint now() const override { return now_; }
  task<void> wait_until(TimePoint when, Deadline) override {
    move_to(when);
    co_return;
  }
  void move(std::chrono::milliseconds span) { now_ += span; }
  void move_to(TimePoint when) { now_ = std::max(now_, when); }

 private:
  TimePoint now_ = from_millis(1'790'000'010'000);  // the start of a window of 30 s
};

/// Gone with everything in it after the test.
class Scratch {
 public:
  Scratch() {
    // In memory where there is such a place: these tests are about what is written, not about the disk.
    const std::filesystem::path memory = "/dev/shm";
    const auto base = std::filesystem::exists(memory) ? memory : std::filesystem::temp_directory_path();
    std::string name = (base / "totpilot-enrollment-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Opens what is in the directory, or makes it.
struct House {
  explicit House(const std::filesystem::path& directory)
      : locations{directory / "state", directory / "keys", directory / "escrow"},
        store(store::Store::open({.state_directory = locations.state_directory})),
        vault(vault::Vault::exists(*store) ? vault::Vault::open(*store, locations, clock, {})
                                           : vault::Vault::init(*store, locations, clock, {})),
        journal(*store, *vault, clock),
        factors(*store, *vault, clock),
        recovery(*store, *vault, clock),
        windows(*store, clock),
        budget(*store, clock, store::AttemptKind::kCode),
        mint(windows) {}

  store::AccountRow add_account(const std::string& name = "practice-alice") {
    store::AccountRow account;
    account.id = AccountId::make(clock.now());
    account.name = name;
    account.username = "alice";
    account.base_url = "https://app.example";
    account.app = "practice";
    account.origins = {"https://app.example"};
    account.created = account.updated = clock.now();
    store->write([&](store::WriteTransaction& transaction) { store::insert_account(transaction, account); });
    return account;
  }

  store::AccountRow only_account() {
    return store->read([](store::ReadTransaction& transaction) { return store::list_accounts(transaction).front(); });
  }

  /// A job of the account, running under a lease of a minute.
  Lease add_job(const AccountId& account, const std::string& kind = "enroll") {
    store::JobRow job;
    job.id = JobId::make(clock.now());
    job.account = account;
    job.kind = kind;
    job.created = clock.now();
    store->write([&](store::WriteTransaction& transaction) { store::insert_job(transaction, job); });
    const auto claimed = store->write([&](store::WriteTransaction& transaction) {
      return store::claim_job(transaction, job.id, WorkerId::make(clock.now()), clock.now(),
                              clock.now() + std::chrono::seconds(60));
    });
    if (!claimed) throw Failure(Outcome::kInternal, "the test's job could not be claimed");
    return {claimed->id, claimed->lease_generation};
  }

  void end_job(const Lease& lease) {
    store->write([&](store::WriteTransaction& transaction) {
      const auto job = store::find_job(transaction, lease.job);
      store::finish_job(transaction, store::fence_of(*job),
                        {store::JobState::kFailed, "internal", "it ended", clock.now()});
    });
  }

  store::JobRow job(const Lease& lease) {
    return *store->read([&](store::ReadTransaction& transaction) { return store::find_job(transaction, lease.job); });
  }

  /// A window of the account, whatever must be waited for.
  WindowReservation reserve(const AccountId& account, const std::string& by) {
    for (;;) {
      Reserved reserved = windows.reserve({.account = account, .app_time = clock.now(), .by = by});
      if (auto* reservation = std::get_if<WindowReservation>(&reserved)) return std::move(*reservation);
      clock.move_to(std::get<WaitUntil>(reserved).app_time);
    }
  }

  StillClock clock;
  vault::Locations locations;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<vault::Vault> vault;
  Journal journal;
  FactorBook factors;
  RecoveryBook recovery;
  WindowLedger windows;
  AttemptBudget budget;
  CodeMint mint;
};

inline const std::string kKey = "12345678901234567890";

inline Capture captured(const std::string& key = kKey) {
  return {Secret::copy_of(key), {}, "Practice", "alice", "", "text+qr"};
}

inline std::vector<Secret> some_codes(const std::string& prefix = "aaaa", int count = 3) {
  std::vector<Secret> codes;
  for (int i = 1; i <= count; ++i) codes.push_back(Secret(prefix + "-" + std::to_string(i)));
  return codes;
}

/// The outcome that `work` fails with; kOk when it does not.
template <class Work>
Outcome outcome_of(Work&& work) {
  try {
    work();
    return Outcome::kOk;
  } catch (const Failure& failure) {
    return failure.code();
  }
}

}  // namespace totpilot::enrollment

#pragma once
// A private directory that is gone after the test, and rows to put into a store.
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "agent/store/accounts.h"
#include "agent/store/store.h"

namespace totpilot::store {

class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "totpilot-store-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::filesystem::path state() const { return path_ / "state"; }
  const std::filesystem::path& path() const { return path_; }
  std::unique_ptr<Store> open() const {
    return Store::open({.state_directory = state(), .busy_timeout = std::chrono::milliseconds(200)});
  }

 private:
  std::filesystem::path path_;
};

inline TimePoint at(std::int64_t millis) { return from_millis(1'790'000'000'000 + millis); }

inline AccountRow an_account(const std::string& name = "redmine-alice") {
  AccountRow account;
  account.id = AccountId::make(at(0));
  account.name = name;
  account.username = "alice";
  account.base_url = "https://redmine.example";
  account.app = "redmine";
  account.origins = {"https://redmine.example", "https://login.example"};
  account.tags = {"test", "it's \"quoted\""};
  account.created = account.updated = at(0);
  return account;
}

inline AccountRow insert_an_account(Store& store, const std::string& name = "redmine-alice") {
  const AccountRow account = an_account(name);
  store.write([&](WriteTransaction& transaction) { insert_account(transaction, account); });
  return account;
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

}  // namespace totpilot::store

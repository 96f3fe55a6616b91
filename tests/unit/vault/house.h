#pragma once
// House: a private place with the three directories of a vault, a store, a clock that stands still, and rows with
// sealed secrets.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "agent/base/file.h"
#include "agent/store/accounts.h"
#include "agent/store/factors.h"
#include "agent/store/recovery_codes.h"
#include "agent/store/sessions.h"
#include "agent/store/store.h"
#include "agent/vault/vault.h"

namespace totpilot::vault {

class StillClock final : public Clock {
 public:
  TimePoint now() const override { return from_millis(now_); }
  task<void> wait_until(TimePoint, Deadline) override { co_return; }
  void advance(std::int64_t millis) { now_ += millis; }

 private:
  std::int64_t now_ = 1'790'000'000'000;
};

/// Weak on purpose: 64 KiB and one pass, so that a test's passphrase costs nothing.
inline constexpr crypto::Argon2Parameters kCheapArgon2{1, 64, 1, 1};

class House {
 public:
  House() {
    std::string name = (std::filesystem::temp_directory_path() / "totpilot-vault-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
    locations_ = {path_ / "state", path_ / "etc" / "keys", path_ / "etc" / "escrow"};
    std::filesystem::create_directory(path_ / "etc");
    open_store();
  }
  ~House() {
    vault_.reset();
    store_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  House(const House&) = delete;
  House& operator=(const House&) = delete;

  void init(std::optional<std::string> passphrase = std::nullopt, bool key_file = true) {
    InitRequest request;
    request.key_file = key_file;
    request.argon2 = kCheapArgon2;
    if (passphrase) request.passphrase = Secret(std::move(*passphrase));
    vault_ = Vault::init(*store_, locations_, clock_, std::move(request));
  }
  void open(const Credentials& credentials = {}) {
    vault_.reset();
    vault_ = Vault::open(*store_, locations_, clock_, credentials);
  }
  void open_store() { store_ = store::Store::open({.state_directory = locations_.state_directory}); }
  void close() {
    vault_.reset();
    store_.reset();
  }
  void reopen() {
    close();
    open_store();
    open();
  }

  Vault& vault() { return *vault_; }
  store::Store& store() { return *store_; }
  const Locations& locations() const { return locations_; }
  StillClock& clock() { return clock_; }
  const std::filesystem::path& path() const { return path_; }

  /// One account with a password, `factors` superseded factors, a recovery code and a session; each secret says what it
  /// is.
  store::AccountRow furnish(int factors = 3) {
    store::AccountRow account;
    account.id = AccountId::make(clock_.now());
    account.name = "redmine-alice";
    account.base_url = "https://redmine.example";
    account.origins = {"https://redmine.example"};
    account.sealed_password = vault_->seal(password_context(account.id), Secret::copy_of("password of alice"));
    store_->write([&](store::WriteTransaction& transaction) {
      store::insert_account(transaction, account);
      for (int i = 0; i < factors; ++i) store::insert_factor(transaction, a_factor(account.id, i));
      store::RecoveryCodeRow code;
      code.id = RecoveryCodeId::make(clock_.now());
      code.account = account.id;
      code.sealed_code = vault_->seal(recovery_code_context(code.id), Secret::copy_of("recovery code"));
      store::insert_recovery_codes(transaction, {code});
      store::SessionRow session{SessionId::make(clock_.now()), account.id, "", clock_.now()};
      session.sealed_state = vault_->seal(session_context(session.id), Secret::copy_of("session state"));
      store::insert_session(transaction, session);
    });
    return account;
  }

  /// One more account, with a password and one factor, in one transaction.
  void furnish_more() {
    store::AccountRow account;
    account.id = AccountId::make(clock_.now());
    account.name = account.id.str();
    account.base_url = "https://redmine.example";
    account.origins = {"https://redmine.example"};
    account.sealed_password = vault_->seal(password_context(account.id), Secret::copy_of("password of alice"));
    const store::FactorRow factor = a_factor(account.id, 1);
    store_->write([&](store::WriteTransaction& transaction) {
      store::insert_account(transaction, account);
      store::insert_factor(transaction, factor);
    });
  }

  store::FactorRow a_factor(const AccountId& account, int number) {
    store::FactorRow factor;
    factor.id = FactorId::make(clock_.now());
    factor.account = account;
    factor.state = store::FactorState::kSuperseded;
    factor.label = std::to_string(number);
    factor.created = clock_.now();
    const Secret secret = Secret::copy_of("secret " + std::to_string(number));
    factor.sealed_secret = vault_->seal(secret_context(factor.id), secret);
    factor.fingerprint = vault_->fingerprint(secret);
    return factor;
  }

  /// Opens everything that furnish() sealed; the test fails where one says something else. Returns how many.
  int read_everything() {
    return store_->read([&](store::ReadTransaction& transaction) {
      int opened = 0;
      for (const store::AccountRow& account : store::list_accounts(transaction)) {
        EXPECT_EQ(vault_->unseal(password_context(account.id), account.sealed_password).reveal(), "password of alice");
        ++opened;
        for (const auto& factor : store::list_factors(transaction, account.id)) {
          EXPECT_EQ(vault_->unseal(secret_context(factor.id), factor.sealed_secret).reveal(), "secret " + factor.label);
          ++opened;
        }
        for (const auto& code : store::list_recovery_codes(transaction, account.id)) {
          EXPECT_EQ(vault_->unseal(recovery_code_context(code.id), code.sealed_code).reveal(), "recovery code");
          ++opened;
        }
        const auto session = store::latest_session(transaction, account.id);
        EXPECT_EQ(vault_->unseal(session_context(session->id), session->sealed_state).reveal(), "session state");
        ++opened;
      }
      return opened;
    });
  }

 private:
  std::filesystem::path path_;
  Locations locations_;
  StillClock clock_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Vault> vault_;
};

template <class Work>
Outcome outcome_of(Work&& work) {
  try {
    work();
    return Outcome::kOk;
  } catch (const Failure& failure) {
    return failure.code();
  }
}

/// What the failure of `work` says, with its hint; empty when it does not fail.
template <class Work>
std::string words_of(Work&& work) {
  try {
    work();
    return {};
  } catch (const Failure& failure) {
    return failure.message() + " / " + failure.hint();
  }
}

inline std::string contents(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace totpilot::vault

#pragma once
// A real store and vault in a private directory, the fake app and its browser, and contexts for flows on one account.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "agent/base/file.h"
#include "agent/enrollment/factor_book.h"
#include "agent/enrollment/journal.h"
#include "agent/enrollment/recovery_book.h"
#include "agent/enrollment/window_ledger.h"
#include "agent/flow/flows.h"
#include "agent/playbook/parser.h"
#include "agent/store/accounts.h"
#include "agent/store/enrollments.h"
#include "agent/store/jobs.h"
#include "agent/store/store.h"
#include "agent/totp/code.h"
#include "agent/vault/vault.h"
#include "tests/fakes/fake_browser.h"
#include "tests/fakes/fake_clock.h"

namespace totpilot::flow {

class Listener final : public ProgressListener {
 public:
  void on_event(const Event& event) override { events.push_back(event); }
  template <class T>
  std::vector<T> of() const {
    std::vector<T> found;
    for (const Event& event : events)
      if (const auto* one = std::get_if<T>(&event)) found.push_back(*one);
    return found;
  }
  std::vector<Event> events;
};

class World {
 public:
  explicit World(const std::string& playbook = "fake") : playbook_(playbook) {
    const std::filesystem::path memory = "/dev/shm";
    const auto base = std::filesystem::exists(memory) ? memory : std::filesystem::temp_directory_path();
    std::string name = (base / "totpilot-flow-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    directory = name;
    locations = {directory / "state", directory / "keys", directory / "escrow"};
    store = store::Store::open({.state_directory = locations.state_directory});
    vault = vault::Vault::init(*store, locations, clock, {});
    add_account();
  }
  ~World() {
    pool.join();
    vault.reset();
    store.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory, ignored);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  static std::string text_of(const std::string& name) {
    return read_file(std::string(TOTPILOT_SOURCE_DIR) + "/tests/unit/flow/data/" + name + ".yaml", 1U << 16U);
  }
  static std::shared_ptr<const playbook::Playbook> read(const std::string& text, const std::string& file) {
    return std::make_shared<const playbook::Playbook>(playbook::parse_or_throw(file, text));
  }

  /// A context of a new running job.
  FlowContext context() {
    const JobId job = JobId::make(clock.now());
    store::JobRow row;
    row.id = job;
    row.account = account.id;
    row.kind = "enroll";
    row.created = clock.now();
    const auto claimed = store->write([&](store::WriteTransaction& transaction) {
      for (store::JobRow& other : store::list_jobs(transaction, account.id, 100))
        if (other.state == store::JobState::kRunning)
          store::finish_job(transaction, store::fence_of(other),
                            {store::JobState::kFailed, "browser_lost", "", clock.now()});
      store::insert_job(transaction, row);
      return store::claim_job(transaction, job, WorkerId::make(clock.now()), clock.now(),
                              clock.now() + std::chrono::hours(1));
    });
    const auto known =
        store->read([&](store::ReadTransaction& transaction) { return store::find_account(transaction, account.id); });
    last_report = directory / "reports" / job.str();
    const QrReader read_qr = [](Secret png, Deadline) -> task<std::vector<Secret>> {
      std::vector<Secret> texts;
      texts.push_back(std::move(png));
      co_return texts;
    };
    return FlowContext{browser,
                       *store,
                       *vault,
                       clock,
                       pool,
                       read_qr,
                       &World::read,
                       listener,
                       read(text_of(playbook_), playbook_ + ".yaml"),
                       *known,
                       {job, claimed->lease_generation},
                       last_report,
                       Deadline::after(std::chrono::minutes(2))};
  }

  template <class T>
  T run(task<T> work) {
    return run_to_end(io, std::move(work));
  }
  /// The failure that the work ends with.
  template <class T>
  Failure failure_of(task<T> work) {
    try {
      run(std::move(work));
    } catch (const Failure& failure) {
      return failure;
    }
    ADD_FAILURE() << "it succeeded";
    return Failure(Outcome::kOk, "it succeeded");
  }

  std::vector<store::FactorRow> factors() { return enrollment::FactorBook(*store, *vault, clock).list(account.id); }
  std::optional<store::FactorRow> current_factor() {
    return enrollment::FactorBook(*store, *vault, clock).current(account.id);
  }
  std::vector<store::EnrollmentRow> enrollments() {
    return enrollment::Journal(*store, *vault, clock).list(account.id);
  }
  std::string last_state() {
    const auto rows = enrollments();
    return rows.empty() ? "" : rows.front().state;
  }
  int unused_codes() { return enrollment::RecoveryBook(*store, *vault, clock).unused(account.id); }

  /// The promise: whenever MFA is on, some secret in the vault makes a code that the app takes.
  bool a_kept_secret_works() {
    enrollment::FactorBook book(*store, *vault, clock);
    for (const store::FactorRow& factor : book.list(account.id)) {
      const auto otpauth = totp::parse_otpauth(book.export_uri(factor.id).reveal());
      if (otpauth && app.would_take(totp::code_at(otpauth->key, otpauth->parameters, app.now()))) return true;
    }
    return false;
  }

  fakes::FakeClock clock{from_millis(1'790'000'010'000)};
  fakes::FakeApp app{clock};
  fakes::FakeBrowser browser{app};
  Listener listener;
  boost::asio::io_context io;
  boost::asio::thread_pool pool{1};
  std::filesystem::path directory;
  vault::Locations locations;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<vault::Vault> vault;
  store::AccountRow account;
  std::filesystem::path last_report;

 private:
  void add_account() {
    account.id = AccountId::make(clock.now());
    account.name = "fake-alice";
    account.username = app.username;
    account.base_url = fakes::FakeApp::kOrigin;
    account.app = "fake";
    account.origins = {fakes::FakeApp::kOrigin};
    account.sealed_password = vault->seal(vault::password_context(account.id), Secret::copy_of(app.password));
    account.created = clock.now();
    account.updated = clock.now();
    store->write([&](store::WriteTransaction& transaction) { store::insert_account(transaction, account); });
  }

  std::string playbook_;
};

}  // namespace totpilot::flow

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
  FlowContext context(const std::string& kind = "enroll") {
    clock.move(std::chrono::milliseconds(1));  // nothing of two runs has the same moment
    const JobId job = JobId::make(clock.now());
    store::JobRow row;
    row.id = job;
    row.account = account.id;
    row.kind = kind;
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

  enrollment::RecoveryBook recovery_book() { return {*store, *vault, clock}; }
  void set_skew(std::chrono::milliseconds skew) {
    store->write([&](store::WriteTransaction& transaction) {
      store::set_account_skew(transaction, account.id, skew.count(), clock.now());
    });
  }
  bool was_told(const std::string& words) {
    return std::ranges::any_of(listener.of<Remark>(), [&](const Remark& one) { return one.text.contains(words); });
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

/// MFA is on, proven by an enrollment.
struct Enrolled : World {
  explicit Enrolled(const std::string& playbook = "fake") : World(playbook) {
    FlowContext first = context();
    run(enroll(first));
    listener.events.clear();
  }
};

/// Which call of `flow` on a fresh account (enrolled or not) is the first whose log entry begins with `call`.
template <class Fresh, class Flow>
int call_of(const std::string& call, Flow flow) {
  Fresh world;
  const auto done = static_cast<std::ptrdiff_t>(world.browser.log().size());
  flow(world);
  const auto& log = world.browser.log();
  const auto found =
      std::find_if(log.begin() + done, log.end(), [&](const std::string& one) { return one.starts_with(call); });
  EXPECT_NE(found, log.end()) << call;
  return static_cast<int>(found - log.begin() - done) + 1;
}

/// Which call of an enrollment presses the button that turns MFA on.
inline int call_that_submits() {
  return call_of<World>("click {submit_of: {field: code}}", [](World& world) {
    FlowContext context = world.context();
    world.run(enroll(context));
  });
}

/// An enrollment that turned MFA on and was then cut off for good, before the recovery codes were read.
inline void cut_off_after_turning_on(World& world) {
  world.browser.expect({fakes::Trouble::Kind::kLostAfter, call_that_submits(), true});
  FlowContext context = world.context();
  EXPECT_EQ(world.failure_of(enroll(context)).code(), Outcome::kUncertain);
  EXPECT_TRUE(world.app.mfa_on());
  world.browser.heal();
  world.listener.events.clear();
}

}  // namespace totpilot::flow

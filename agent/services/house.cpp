#include "agent/services/house.h"

#include "agent/base/file.h"
#include "agent/base/log.h"
#include "agent/enrollment/state.h"
#include "agent/services/playbooks.h"
#include "agent/store/accounts.h"
#include "agent/store/enrollments.h"
#include "agent/vault/escrow_recovery.h"

namespace totpilot::services {
namespace {

/// SQL of one writer, a key derivation, and a large frame at the same time.
constexpr std::size_t kPoolThreads = 3;

constexpr std::string_view kAuditKey = "totpilot audit chain 1";

/// Gives every session what the settings say and the flow leaves open.
class ConfiguredBrowsers final : public browser::BrowserPort {
 public:
  ConfiguredBrowsers(std::unique_ptr<browser::BrowserPort> inner, const config::BrowserConfig& config)
      : inner_(std::move(inner)), config_(config) {}

  task<std::unique_ptr<browser::SessionPort>> lease(browser::SessionOptions options, Deadline deadline) override {
    if (options.proxy.empty()) options.proxy = config_.proxy;
    if (options.language.empty()) options.language = config_.language;
    return inner_->lease(std::move(options), deadline);
  }
  void warm_up() override { inner_->warm_up(); }
  task<void> stand_by(Deadline deadline) override { return inner_->stand_by(deadline); }

 private:
  std::unique_ptr<browser::BrowserPort> inner_;
  const config::BrowserConfig& config_;
};

std::vector<std::string_view> settled_states() {
  std::vector<std::string_view> settled;
  for (const enrollment::State state : enrollment::all_states())
    if (!enrollment::wants_recovery(state)) settled.push_back(enrollment::state_name(state));
  return settled;
}

/// Was there a vault in this very state directory, of which only the escrow copies are left?
bool left_behind(const vault::Locations& locations) {
  return std::ranges::any_of(vault::escrow_workspaces(locations),
                             [&](const std::string& workspace) { return vault::lived_here(locations, workspace); });
}

jobs::WorkerSettings worker_settings(const config::Config& config) {
  jobs::WorkerSettings settings;
  settings.again.most_attempts = config.jobs.attempts;
  settings.again.first_wait = config.jobs.retry_after;
  settings.breaker.after = config.jobs.breaker_after;
  settings.breaker.wait = config.jobs.breaker_wait;
  return settings;
}

/// Made before anything else: a key file or a database would be left by an init that fails on it later.
void make_escrow_directory(const std::filesystem::path& directory) {
  try {
    make_private_directory(directory);
  } catch (const Failure& failure) {
    throw Failure(Outcome::kInvalidInput, "the escrow copies have no place: " + failure.message(),
                  "name another directory: --escrow-dir DIR");
  }
}

/// Set while a coroutine is inside.
class FlagGuard {
 public:
  explicit FlagGuard(bool& flag) : flag_(flag) { flag_ = true; }
  ~FlagGuard() { flag_ = false; }
  FlagGuard(const FlagGuard&) = delete;
  FlagGuard& operator=(const FlagGuard&) = delete;

 private:
  bool& flag_;
};

}  // namespace

House::House(boost::asio::io_context& context, const config::Config& config, Wiring wiring)
    : context_(context), config_(config), wiring_(std::move(wiring)), clock_(make_clock()), pool_(kPoolThreads) {}

House::~House() {
  // Browsers first: their destructors may still hand work to the pool.
  worker_.reset();
  browsers_.reset();
  pool_.join();
}

vault::Locations House::locations() const {
  return {config_.state_directory, config_.key_directory, config_.escrow_directory};
}

std::filesystem::path House::reports() const { return config_.state_directory / "reports"; }

playbook::PlaybookLibrary House::library() const { return open_library(config_); }

task<void> House::lock() { return lock_within(config_.timeouts.lock); }

task<void> House::lock_within(std::chrono::milliseconds patience) {
  if (lock_) co_return;
  lock_ = co_await blocking([this, patience] {
    return store::StateLock::acquire(config_.state_directory, wiring_.doing, Deadline::after(patience));
  });
}

task<bool> House::try_lock() {
  try {
    co_await lock_within(std::chrono::milliseconds(0));
    co_return true;
  } catch (const Failure& failure) {
    if (failure.code() != Outcome::kBusy) throw;
    co_return false;
  }
}

bool House::has_store() const { return std::filesystem::exists(config_.state_directory / store::kDatabaseFile); }

task<void> House::open_store() {
  if (store_) co_return;
  if (!has_store())
    throw Failure(Outcome::kVaultMissing, fmt::format("there is no vault in {}", config_.state_directory.string()),
                  left_behind(locations())
                      ? "one was here: totpilot restore brings a backup back; totpilot factor list "
                        "--escrow lists the keys that are kept beside it"
                      : "");
  co_await lock();
  store_ = co_await blocking([this] { return store::Store::open({.state_directory = config_.state_directory}); });
  co_await blocking([this] { settle_in(); });
}

/// What every opening does: jobs of a dead process end, and interrupted enrollments are seen.
void House::settle_in() {
  const int reaped =
      jobs::Worker::reap_dead_jobs(*store_, *clock_, WorkerId::make(clock_->now()), config_.jobs.attempts);
  if (reaped > 0) log::info("{} jobs that a dead process left running were ended", reaped);
  const auto settled = settled_states();
  store_->read([&](store::ReadTransaction& transaction) {
    for (const auto& open : store::list_unsettled_enrollments(transaction, AccountId(), settled)) {
      const auto account = store::find_account(transaction, open.account);
      if (!account || std::ranges::find(interrupted_, account->name) != interrupted_.end()) continue;
      interrupted_.push_back(account->name);
    }
  });
}

const vault::Credentials& House::credentials() {
  if (!credentials_) credentials_ = wiring_.bring_credentials ? wiring_.bring_credentials() : vault::Credentials();
  return *credentials_;
}

bool House::only_passphrase_opens(const Sealed& sealed) {
  return may_ask_passphrase(sealed) && !credentials().kit && !vault::Vault::key_file_present(locations());
}

bool House::may_ask_passphrase(const Sealed& sealed) {
  return wiring_.ask_passphrase && sealed.has_passphrase && !credentials().passphrase;
}

task<std::optional<Failure>> House::try_to_open(const Sealed& sealed) {
  co_return co_await blocking([this, &sealed]() -> std::optional<Failure> {
    try {
      sealed.open(*credentials_);
      return std::nullopt;
    } catch (const Failure& failure) {
      if (failure.code() != Outcome::kVaultSealed) throw;
      return failure;
    }
  });
}

/// Asked on this thread: a prompt belongs to the terminal's owner, not to the pool.
task<void> House::unlock(const Sealed& sealed, std::function<void()> meanwhile) {
  static_cast<void>(credentials());
  if (only_passphrase_opens(sealed)) credentials_->passphrase = wiring_.ask_passphrase();
  meanwhile();
  auto closed = co_await try_to_open(sealed);
  if (closed && may_ask_passphrase(sealed)) {
    // A key file that is damaged, or another vault's.
    try {
      credentials_->passphrase = wiring_.ask_passphrase();
    } catch (const Failure& nobody) {
      if (nobody.code() != Outcome::kNeedsInput) throw;
      throw *closed;
    }
    closed = co_await try_to_open(sealed);
  }
  if (closed) throw *closed;
}

task<void> House::open_sealed(Sealed sealed) {
  co_await unlock(sealed, [] {});
}

task<void> House::open_vault() {
  return open_vault_while([] {});
}

task<void> House::open_for_run() {
  return open_vault_while([this] { browsers().warm_up(); });
}

task<void> House::open_vault_while(std::function<void()> meanwhile) {
  co_await open_store();
  if (vault_) {
    meanwhile();
    co_return;
  }
  if (wiring_.opening == Wiring::Opening::kByUnseal)
    throw Failure(Outcome::kVaultSealed, "the vault is sealed", "totpilot vault unseal");
  co_await open_closed_vault(std::move(meanwhile));
}

task<void> House::unseal(std::optional<Secret> passphrase) {
  co_await open_store();
  if (vault_) co_return;
  if (unsealing_) throw Failure(Outcome::kBusy, "the vault is being opened already");
  const FlagGuard guard(unsealing_);
  static_cast<void>(credentials());
  if (passphrase) credentials_->passphrase = std::move(passphrase);
  try {
    co_await open_closed_vault([] {});
  } catch (const Failure&) {
    credentials_->passphrase.reset();  // a wrong one must not stand in the way of the next
    throw;
  }
}

task<void> House::open_closed_vault(std::function<void()> meanwhile) {
  const auto slots = co_await blocking([this] { return vault::Vault::slots(*store_, locations()); });
  const Sealed sealed{.has_passphrase = std::ranges::any_of(
                          slots, [](const vault::SlotInfo& slot) { return slot.kind == vault::SlotKind::kPassphrase; }),
                      .open = [this](const vault::Credentials& credentials) {
                        vault_ = vault::Vault::open(*store_, locations(), *clock_, credentials);
                      }};
  co_await unlock(sealed, std::move(meanwhile));
  co_await blocking([this] { open_audit(); });
  const auto status = co_await blocking([this] { return vault_->status(); });
  if (status.rolled_back)
    notices_.push_back(
        "the database is older than the one last used here: secrets captured since are missing from it; look into it "
        "(totpilot vault status), "
        "then accept it with totpilot vault accept-rollback");
  if (status.rotation_unfinished)
    notices_.push_back("a key rotation was interrupted; totpilot vault rotate-key goes on with it");
}

audit::Verdict House::verify_audit() {
  return audit::verify(
      *store_, vault_->subkey(kAuditKey),
      config_.audit_stream == "syslog" ? std::filesystem::path() : std::filesystem::path(config_.audit_stream));
}

void House::open_audit() {
  chain_ = std::make_shared<audit::Chain>(*store_, *clock_,
                                          audit::ChainSettings{vault_->subkey(kAuditKey), config_.audit_stream});
  audit_ = std::make_unique<audit::Log>(pool_, chain_);
}

task<void> House::make_vault(vault::InitRequest request) {
  co_await blocking([this] {
    vault::require_apart(locations());
    make_escrow_directory(locations().escrow());
    make_private_directory(config_.state_directory);
  });
  co_await lock();
  auto held = std::make_shared<vault::InitRequest>(std::move(request));
  vault_ = co_await blocking([this, held] {
    const auto database = config_.state_directory / store::kDatabaseFile;
    const bool was_there = std::filesystem::exists(database);
    store_ = store::Store::open({.state_directory = config_.state_directory});
    try {
      return vault::Vault::init(*store_, locations(), *clock_, std::move(*held));
    } catch (const Failure&) {
      // A database without a vault would stand in the way of a restore.
      store_.reset();
      if (!was_there)
        for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(database.string() + suffix);
      throw;
    }
  });
  co_await blocking([this] { open_audit(); });
}

browser::BrowserPort& House::browsers() {
  if (!browsers_) {
    if (!wiring_.make_browsers) throw Failure(Outcome::kInternal, "this program was built without a browser");
    browsers_ =
        std::make_unique<ConfiguredBrowsers>(wiring_.make_browsers(context_, pool_, *clock_, config_), config_.browser);
  }
  return *browsers_;
}

jobs::Worker& House::worker() {
  if (!worker_) worker_ = std::make_unique<jobs::Worker>(*store_, *clock_, pool_, stop_, worker_settings(config_));
  return *worker_;
}

}  // namespace totpilot::services

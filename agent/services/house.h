#pragma once
// House: what services run in: the state directory under its lock, the store, the vault, the browsers, the worker.
// Opened as far as a service needs it, in the right order, and closed by its destructor. One per process and state
// directory; on one io_context, whose owner outlives it.
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/audit/log.h"
#include "agent/audit/verify.h"
#include "agent/base/async.h"
#include "agent/base/clock.h"
#include "agent/base/id.h"
#include "agent/base/secret.h"
#include "agent/browser/browser_port.h"
#include "agent/config/config.h"
#include "agent/jobs/stop_request.h"
#include "agent/jobs/worker.h"
#include "agent/playbook/library.h"
#include "agent/services/job_desk.h"
#include "agent/store/state_lock.h"
#include "agent/store/store.h"
#include "agent/vault/vault.h"

namespace totpilot::services {

/// What the program that owns the house puts in: this layer knows no driver and no terminal.
struct Wiring {
  /// Called at most once, at the first run. What it is given outlives what it returns.
  std::function<std::unique_ptr<browser::BrowserPort>(boost::asio::io_context&, boost::asio::thread_pool&, const Clock&,
                                                      const config::Config&)>
      make_browsers;
  /// What the user brought to open a vault with; called once, at the first need.
  std::function<vault::Credentials()> bring_credentials;
  /// Asks a person for the vault's passphrase; needs_input where there is nobody. Called only when the vault has one
  /// and nothing that was brought opens it.
  std::function<Secret()> ask_passphrase;
  /// What this process is doing, for the one who waits at the lock: "enroll redmine-alice".
  std::string doing;
  /// A playbook file that takes the place of every account's own; empty: none.
  std::filesystem::path playbook_file;
  /// Asked for by the name "cli:<pid>" in ledgers and records.
  std::string caller;
  /// A program that stays opens its vault when it starts or is told to, not whenever somebody asks for a code.
  enum class Opening { kAtNeed, kByUnseal };
  Opening opening = Opening::kAtNeed;
};

class House {
 public:
  House(boost::asio::io_context& context, const config::Config& config, Wiring wiring);
  ~House();
  House(const House&) = delete;
  House& operator=(const House&) = delete;

  const config::Config& config() const { return config_; }
  const std::string& caller() const { return wiring_.caller; }
  const std::filesystem::path& playbook_file() const { return wiring_.playbook_file; }
  Clock& clock() { return *clock_; }
  boost::asio::thread_pool& pool() { return pool_; }
  jobs::StopRequest& stop() { return stop_; }
  vault::Locations locations() const;
  std::filesystem::path reports() const;
  playbook::PlaybookLibrary library() const;

  /// Is there a database?
  bool has_store() const;
  /// The lock and the store; ends what a dead process left running. vault_missing when nothing was ever made there,
  /// busy with the holder's name.
  task<void> open_store();
  /// Also the vault. vault_sealed, needs_input when only a passphrase opens it and nobody can be asked.
  task<void> open_vault();
  /// The same where the wiring says kByUnseal, with this passphrase or with what was brought before. busy while another
  /// call does it.
  task<void> unseal(std::optional<Secret> passphrase);
  bool vault_open() const { return vault_ != nullptr; }
  /// What the user brought to open a vault with.
  const vault::Credentials& credentials();
  /// Also a browser that starts while the vault's key is derived.
  task<void> open_for_run();
  /// Makes the store and the vault. already_exists.
  task<void> make_vault(vault::InitRequest request);
  /// Opens something else than the vault (a backup) with what the user brought; see unlock().
  struct Sealed {
    bool has_passphrase = false;
    /// Runs in the pool, once more when a passphrase was asked for; throws vault_sealed.
    std::function<void(const vault::Credentials& credentials)> open;
  };
  task<void> open_sealed(Sealed sealed);
  /// Holds the lock without opening the store, for a restore.
  task<void> lock();
  /// The same without waiting; false when another process holds it.
  task<bool> try_lock();

  store::Store& store() { return *store_; }
  vault::Vault& vault() { return *vault_; }
  /// The log of who did what; after open_vault().
  audit::Log& audit() { return *audit_; }
  /// Where its chains break; blocking.
  audit::Verdict verify_audit();
  browser::BrowserPort& browsers();
  jobs::Worker& worker();
  /// Where services meet the queue that runs here.
  JobDesk& desk() { return desk_; }

  /// What the user should know beside the answer: an interrupted enrollment, a database older than the one last seen.
  /// Filled by opening.
  const std::vector<std::string>& notices() const { return notices_; }
  /// Names of the accounts with an enrollment that only `recover` can settle; empty before open_store().
  const std::vector<std::string>& interrupted_accounts() const { return interrupted_; }

  /// Runs blocking work in the pool.
  template <class Work>
  auto blocking(Work work) -> task<std::invoke_result_t<Work>> {
    return run_blocking(pool_, std::move(work));
  }

 private:
  task<void> open_vault_while(std::function<void()> meanwhile);
  task<void> open_closed_vault(std::function<void()> meanwhile);
  void settle_in();
  void open_audit();
  task<void> lock_within(std::chrono::milliseconds patience);
  /// Asks for the passphrase where nothing that was brought opens it and there is somebody to ask: at once where
  /// anything else would be in vain, else after a try.
  task<void> unlock(const Sealed& sealed, std::function<void()> meanwhile);
  bool may_ask_passphrase(const Sealed& sealed);
  bool only_passphrase_opens(const Sealed& sealed);
  /// Nothing when it opens; else why it stays closed.
  task<std::optional<Failure>> try_to_open(const Sealed& sealed);

  boost::asio::io_context& context_;
  const config::Config& config_;
  Wiring wiring_;
  std::unique_ptr<Clock> clock_;
  jobs::StopRequest stop_;
  JobDesk desk_;
  std::vector<std::string> notices_;
  std::vector<std::string> interrupted_;
  std::optional<vault::Credentials> credentials_;
  bool unsealing_ = false;
  // In the order of their making; the pool's threads end before what they use.
  std::optional<store::StateLock> lock_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<vault::Vault> vault_;
  std::shared_ptr<audit::Chain> chain_;  // shared with the log's writer
  boost::asio::thread_pool pool_;
  std::unique_ptr<browser::BrowserPort> browsers_;
  std::unique_ptr<jobs::Worker> worker_;
  std::unique_ptr<audit::Log> audit_;
};

}  // namespace totpilot::services

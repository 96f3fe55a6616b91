#pragma once
// Invocation: what a command has while it runs: where its words go, what the user asked for globally, the house with
// its services (made at the first need), and run(), which drives a service to its end while signals are minded. One
// thread.
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/base/async.h"
#include "agent/cli/gateway.h"
#include "agent/cli/output.h"
#include "agent/cli/progress.h"
#include "agent/cli/secret_source.h"
#include "agent/config/config.h"
#include "agent/services/admission.h"
#include "agent/services/house.h"

namespace totpilot::cli {

/// What may stand before or after any command.
struct GlobalOptions {
  std::string config_file;
  std::string state_directory;
  std::string key_directory;
  std::string escrow_directory;
  std::string playbook;
  std::string timeout;
  bool local = false;
  bool json = false;
  bool quiet = false;
  int verbose = 0;
  SecretSource passphrase{"passphrase"};
  std::string kit_file;

  /// What the options give to open the vault with; reads it.
  vault::Credentials credentials() const;
};

/// What main puts in; see services::Wiring.
struct Wiring {
  decltype(services::Wiring::make_browsers) make_browsers;
};

class Invocation {
 public:
  /// `command`: the words of the command without its arguments ("factor import"). All references outlive it.
  Invocation(const GlobalOptions& options, Output& output, const Wiring& wiring, std::string command);
  ~Invocation();
  Invocation(const Invocation&) = delete;
  Invocation& operator=(const Invocation&) = delete;

  Output& out() { return output_; }
  const GlobalOptions& options() const { return options_; }

  /// A flag of one command that gives a value to a setting; before the first config().
  void override_setting(std::string key, std::string value, std::string flag);
  /// The account that the command is about, as it was named: what a second command that waits for the lock is told
  /// beside the command's name, and what hints name; before the first house().
  void set_subject(std::string subject) { subject_ = std::move(subject); }
  const std::string& subject() const { return subject_; }
  /// Loaded, and the log set up by it, at the first call.
  const config::Loaded& config();
  services::House& house();
  /// Before the first house(): it is for a program that stays, which asks nobody for a passphrase.
  void stay() { stays_ = true; }
  boost::asio::io_context& context() { return context_; }
  /// Shows a run on standard error.
  services::ProgressListener& progress();
  /// The time that --timeout or the settings give to one flow.
  Deadline deadline();

  /// Runs a service to its end. An interrupt asks a running job to stop where that is safe; a second one stops it at
  /// once. What an interrupt ends is `cancelled`.
  template <class T>
  T run(task<T> work);
  void run(task<void> work);
  /// Performs an operation where the state directory is: in the daemon that has it, else here (with --local always
  /// here). What is thrown is the same.
  nlohmann::ordered_json perform(std::string_view operation, nlohmann::json arguments = nlohmann::json::object());
  /// A person watches: the browser is headed, and runs here.
  void show_browser(std::string flag);
  /// Closes the house, so that another process may have the state directory; the next need opens it again.
  void leave();
  /// The same for work that minds signals itself.
  void run_until_it_ends(task<void> work) { run_to_end(context_, std::move(work)); }
  /// The same for what is done on the machine alone and stands in the audit log: `act` names the operation and what it
  /// is about. busy where a daemon has the state directory.
  template <class T>
  T run(services::Act act, task<T> work) {
    require_no_daemon();
    return run(services::guarded(house(), caller(), std::move(act), std::move(work)));
  }
  void run(services::Act act, task<void> work) {
    run(std::move(act), [](task<void> inner) -> task<bool> {
      co_await std::move(inner);
      co_return true;
    }(std::move(work)));
  }
  /// Who calls: the user of this machine.
  const services::Caller& caller() const { return caller_; }

  /// Warns of what the house noticed beside the answer; `settled_here`: the command itself settles interrupted
  /// enrollments.
  enum class Interrupted { kWarn, kSettledHere };
  void show_notices(Interrupted interrupted);

 private:
  std::filesystem::path daemon_socket();
  bool daemon_answers();
  void require_no_daemon();

  const GlobalOptions& options_;
  Output& output_;
  const Wiring& wiring_;
  std::string command_;
  services::Caller caller_ = services::Caller::local(::getpid());
  std::string subject_;
  bool stays_ = false;
  bool here_ = false;  // whoever else answers
  std::vector<config::Override> overrides_;
  std::optional<config::Loaded> config_;
  boost::asio::io_context context_{1};
  std::unique_ptr<services::House> house_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<ProgressView> progress_;
};

template <class T>
T Invocation::run(task<T> work) {
  std::optional<T> result;
  run(task<void>([](task<T> inner, std::optional<T>& out) -> task<void> { out.emplace(co_await std::move(inner)); }(
                                                              std::move(work), result)));
  return std::move(result).value();
}

}  // namespace totpilot::cli

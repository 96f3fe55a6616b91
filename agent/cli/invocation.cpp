#include "agent/cli/invocation.h"

#include <fmt/std.h>
#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>

#include "agent/base/file.h"
#include "agent/cli/daemon_client.h"
#include "agent/cli/terminal.h"
#include "agent/daemon/daemon.h"

namespace totpilot::cli {

namespace asio = boost::asio;
namespace {

/// Minds SIGINT and SIGTERM while a service runs.
class SignalWatch {
 public:
  SignalWatch(boost::asio::io_context& context, services::House* house, const Output& output);
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  /// Fires when the work that stands outside any job is to end.
  boost::asio::cancellation_slot slot();

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the pending handler, which may run once more after us
};

struct SignalWatch::State {
  State(asio::io_context& context, services::House* owner, const Output& to)
      : signals(context, SIGINT, SIGTERM), house(owner), output(to) {}

  asio::signal_set signals;
  asio::cancellation_signal cancel;
  services::House* house;
  const Output& output;
  int seen = 0;
  bool over = false;

  void say(std::string_view text) const {
    if (!output.json()) std::fputs(fmt::format("\n{}\n", text).c_str(), stderr);
  }

  void on_signal(int signal) {
    if (++seen > 2) {
      // Whoever insists gets what the signal does by itself.
      std::signal(signal, SIG_DFL);
      std::raise(signal);
    }
    if (house != nullptr && house->stop().has_handler()) {
      say(seen == 1 ? "stopping where it is safe; once more to stop at once"
                    : "stopping at once; totpilot recover settles what is left open");
      house->stop().request(seen == 1 ? jobs::Urgency::kWhenSafe : jobs::Urgency::kNow);
    } else {
      if (house != nullptr) house->stop().request(jobs::Urgency::kNow);
      cancel.emit(asio::cancellation_type::terminal);
    }
  }

  static void wait(const std::shared_ptr<State>& self) {
    self->signals.async_wait([self](boost::system::error_code error, int signal) {
      if (error || self->over) return;
      self->on_signal(signal);
      wait(self);
    });
  }
};

SignalWatch::SignalWatch(asio::io_context& context, services::House* house, const Output& output)
    : state_(std::make_shared<State>(context, house, output)) {
  State::wait(state_);
}

SignalWatch::~SignalWatch() {
  state_->over = true;
  boost::system::error_code ignored;
  state_->signals.cancel(ignored);
  state_->signals.clear(ignored);
}

asio::cancellation_slot SignalWatch::slot() { return state_->cancel.slot(); }

}  // namespace

vault::Credentials GlobalOptions::credentials() const {
  vault::Credentials credentials;
  if (passphrase.given()) credentials.passphrase = passphrase.read();
  if (!kit_file.empty()) credentials.kit = read_secret_file(kit_file, kLongestSecret);
  return credentials;
}

Invocation::Invocation(const GlobalOptions& options, Output& output, const Wiring& wiring, std::string command)
    : options_(options), output_(output), wiring_(wiring), command_(std::move(command)) {}

Invocation::~Invocation() { leave(); }

void Invocation::show_browser(std::string flag) {
  override_setting("browser.headed", "true", std::move(flag));
  here_ = true;
}

void Invocation::leave() {
  gateway_.reset();
  progress_.reset();
  house_.reset();
}

std::filesystem::path Invocation::daemon_socket() { return config().config.state_directory / daemon::kSocketFile; }

bool Invocation::daemon_answers() { return DaemonClient::answers_at(daemon_socket()); }

void Invocation::require_no_daemon() {
  if (daemon_answers()) throw daemon_in_the_way();
}

nlohmann::ordered_json Invocation::perform(std::string_view operation, nlohmann::json arguments) {
  const services::Operation* row = services::find_operation(operation);
  if (row == nullptr) throw Failure(Outcome::kInternal, fmt::format("there is no operation {}", operation));
  if (!gateway_) {
    const bool remote = !options_.local && !here_ && daemon_answers();
    gateway_ = remote ? make_daemon_gateway(daemon_socket()) : make_local_gateway(house());
  }
  return run(gateway_->perform(*row, std::move(arguments), progress(), deadline()));
}

void Invocation::override_setting(std::string key, std::string value, std::string flag) {
  overrides_.push_back({std::move(key), std::move(value), std::move(flag)});
}

const config::Loaded& Invocation::config() {
  if (config_) return *config_;
  if (!options_.state_directory.empty()) override_setting("state_directory", options_.state_directory, "--state");
  if (!options_.key_directory.empty()) override_setting("key_directory", options_.key_directory, "--key-dir");
  if (!options_.escrow_directory.empty())
    override_setting("escrow_directory", options_.escrow_directory, "--escrow-dir");
  if (!options_.timeout.empty()) override_setting("timeouts.flow", options_.timeout, "--timeout");
  if (options_.verbose > 0) override_setting("log.level", options_.verbose > 1 ? "debug" : "info", "--verbose");
  if (options_.quiet) override_setting("log.level", "error", "--quiet");
  config::Sources sources = config::process_sources();
  if (!options_.config_file.empty()) sources.file = options_.config_file;
  sources.overrides = overrides_;
  config_ = config::load(sources);
  log::setup(
      {.level = config_->config.log.level, .format = config_->config.log.format, .file = config_->config.log.file});
  return *config_;
}

services::House& Invocation::house() {
  if (house_) return *house_;
  services::Wiring wiring;
  wiring.make_browsers = wiring_.make_browsers;
  wiring.doing = subject_.empty() ? command_ : command_ + " " + subject_;
  wiring.playbook_file = options_.playbook;
  wiring.caller = fmt::format("cli:{}", ::getpid());
  wiring.bring_credentials = [this] { return options_.credentials(); };
  if (stays_)
    wiring.opening = services::Wiring::Opening::kByUnseal;
  else
    wiring.ask_passphrase = [this] { return ask_secret("passphrase of the vault", options_.passphrase.hint()); };
  const auto& settings = config().config;
  // The house's threads inherit this: signals are for the thread that minds them, or a prompt on it could not be
  // interrupted.
  sigset_t minded;
  sigset_t before;
  sigemptyset(&minded);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) sigaddset(&minded, signal);
  pthread_sigmask(SIG_BLOCK, &minded, &before);
  house_ = std::make_unique<services::House>(context_, settings, std::move(wiring));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return *house_;
}

void Invocation::run(task<void> work) {
  SignalWatch signals(context_, house_.get(), output_);
  try {
    run_to_end(context_, [](task<void> inner, asio::cancellation_slot slot) -> task<void> {
      const auto executor = co_await asio::this_coro::executor;
      co_await asio::co_spawn(executor, std::move(inner), asio::bind_cancellation_slot(slot, asio::use_awaitable));
    }(std::move(work), signals.slot()));
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted) throw Failure(Outcome::kCancelled, "interrupted");
    throw;
  }
}

services::ProgressListener& Invocation::progress() {
  if (!progress_) progress_ = std::make_unique<ProgressView>(output_, context_.get_executor());
  return *progress_;
}

Deadline Invocation::deadline() { return Deadline::after(config().config.timeouts.flow); }

void Invocation::show_notices(Interrupted interrupted) {
  if (!house_) return;
  for (const std::string& notice : house_->notices()) output_.warn(notice);
  if (interrupted == Interrupted::kSettledHere) return;
  for (const std::string& account : house_->interrupted_accounts())
    output_.warn(fmt::format("an enrollment of {0} was interrupted; settle it with: totpilot recover {0}", account));
}

}  // namespace totpilot::cli

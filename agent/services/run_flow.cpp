#include "agent/services/run_flow.h"

#include <unistd.h>

#include "agent/base/file.h"
#include "agent/base/stopwatch.h"
#include "agent/enrollment/state.h"
#include "agent/enrollment/window_ledger.h"
#include "agent/playbook/parser.h"
#include "agent/qr/decoder.h"
#include "agent/services/housekeeping.h"
#include "agent/services/rows.h"
#include "agent/store/enrollments.h"

namespace totpilot::services {
namespace {

std::shared_ptr<const playbook::Playbook> share(playbook::Playbook playbook) {
  return std::make_shared<const playbook::Playbook>(std::move(playbook));
}

/// What a person does instead of a run, by how the account stands.
std::string by_hand(House& house, std::string_view kind, const store::AccountRow& account) {
  const Standing standing =
      house.store().read([&](store::ReadTransaction& transaction) { return standing_of(transaction, account.id); });
  switch (standing) {
    case Standing::kNone:
      return fmt::format("turn MFA on in the app and bring its key: totpilot factor import {}", account.name);
    case Standing::kCandidate:
      return fmt::format("when the app took a code of its candidate: totpilot factor confirm {}", account.name);
    case Standing::kInUse:
      break;
  }
  if (kind == "disable") return fmt::format("turn MFA off in the app, then totpilot factor retire {}", account.name);
  return fmt::format("it has a factor, and its codes come from totpilot code {}", account.name);
}

std::string device_name(const config::Config& config) {
  if (!config.device_name.empty()) return config.device_name;
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) return "totpilot";
  return fmt::format("totpilot on {}", host.data());
}

class StepRecorder final : public ProgressListener {
 public:
  explicit StepRecorder(std::vector<StepView>& steps) : steps_(steps) {}
  void on_event(const Event& event) override {
    if (const auto* step = std::get_if<StepEnded>(&event))
      steps_.push_back({step->number, step->name, step->duration, step->result, step->skipped, step->message});
  }

 private:
  std::vector<StepView>& steps_;
};

flow::FlowContext make_context(House& house, const Prepared& prepared, const jobs::Claimed& claimed,
                               ListenerList& listeners, flow::Asker ask) {
  const config::Config& config = house.config();
  flow::FlowContext context{
      .browsers = house.browsers(),
      .store = house.store(),
      .vault = house.vault(),
      .clock = house.clock(),
      .pool = house.pool(),
      .read_qr = [decoder = std::make_shared<qr::Decoder>()](
                     Secret png, Deadline deadline) { return decoder->decode(std::move(png), deadline); },
      .read_playbook = [](const std::string& text,
                          const std::string& file) { return share(playbook::parse_or_throw(file, text)); },
      .progress = listeners,
      .playbook = prepared.playbook,
      .account = prepared.account,
      .lease = claimed.lease,
      .report_directory = claimed.report_directory,
      .deadline = Deadline::after(config.timeouts.flow)};
  context.limits.step = config.timeouts.step;
  context.limits.skew_limit = config.time_max_skew;
  context.device_name = device_name(config);
  context.ask = std::move(ask);
  return context;
}

}  // namespace

std::shared_ptr<const playbook::Playbook> playbook_for(House& house, std::string_view kind,
                                                       const store::AccountRow& account) {
  if (!house.playbook_file().empty()) {
    auto playbook = playbook::PlaybookLibrary::load(house.playbook_file());
    if (!account.app.empty() && playbook.app != account.app)
      throw Failure(Outcome::kInvalidInput,
                    fmt::format("{} is the playbook of {}, but {} is an account of {}", house.playbook_file().string(),
                                playbook.app, account.name, account.app));
    return share(std::move(playbook));
  }
  if (account.app.empty())
    throw Failure(Outcome::kNoPlaybook, fmt::format("{} is self-managed: it has no playbook", account.name),
                  fmt::format("{}; to have it done, name its app: totpilot account set {} --app APP (totpilot playbook "
                              "list has them)",
                              by_hand(house, kind, account), account.name));
  return share(house.library().find(account.app));
}

std::string lane_of(const store::AccountRow& account) { return account.app + " " + account.base_url; }

task<Prepared> prepare(House& house, std::string kind, std::string account) {
  // What a wrong name or a broken playbook would stop is found out before a passphrase is asked for or a browser
  // started.
  co_await house.open_store();
  Prepared prepared = co_await house.blocking([&] {
    Prepared found;
    found.account = read_account(house.store(), account);
    found.playbook = playbook_for(house, kind, found.account);
    return found;
  });
  co_await house.open_for_run();
  co_return prepared;
}

task<Prepared> prepare_recovery(House& house, std::string account) {
  co_await house.open_store();
  Prepared prepared = co_await house.blocking([&] {
    Prepared found;
    found.account = read_account(house.store(), account);
    try {
      found.playbook = playbook_for(house, "recover", found.account);
    } catch (const Failure& failure) {
      // The installed playbook may be gone or broken since; the run that is to be settled kept its own.
      const auto open = house.store().read(
          [&](store::ReadTransaction& transaction) { return store::latest_enrollment(transaction, found.account.id); });
      if (!open || open->playbook_text.empty()) throw;
      found.playbook = share(playbook::parse_or_throw("the playbook kept with " + open->id.str(), open->playbook_text));
    }
    return found;
  });
  co_await house.open_for_run();
  co_return prepared;
}

namespace {

task<jobs::Claimed> claim(House& house, const Prepared& prepared, const RunFrame& frame) {
  if (frame.job != nullptr) co_return frame.job->claimed;
  co_return co_await house.worker().start({prepared.account.id, frame.kind, house.reports(), house.caller()});
}

}  // namespace

task<void> run_flow(House& house, const Prepared& prepared, RunFrame frame, RunView& view,
                    std::function<task<void>(flow::FlowContext&)> body) {
  const Stopwatch watch;
  view.account = prepared.account.name;
  StepRecorder recorder(view.steps);
  ListenerList listeners;
  listeners.add(recorder);
  listeners.add(frame.listener);
  std::optional<Failure> failure;
  try {
    co_await house.blocking([&] {
      make_private_directory(house.reports());
      if (frame.job == nullptr) sweep(house);  // the daemon has its own time for it
      enrollment::WindowLedger(house.store(), house.clock()).prune(house.clock().now());
    });
    const jobs::Claimed claimed = co_await claim(house, prepared, frame);
    view.job = claimed.lease.job;
    view.report_directory = claimed.report_directory.string();
    flow::FlowContext context =
        make_context(house, prepared, claimed, listeners, frame.job != nullptr ? frame.job->ask : flow::Asker());
    if (frame.job != nullptr) {
      co_await body(context);
    } else {
      co_await house.worker().run(claimed, [&] { return body(context); });
    }
  } catch (const Failure& error) {
    failure = error;
  }
  view.duration = watch.elapsed();
  std::error_code ignored;
  if (!std::filesystem::exists(view.report_directory, ignored)) view.report_directory.clear();
  if (failure) throw RunFailed(*failure, view);
}

}  // namespace totpilot::services

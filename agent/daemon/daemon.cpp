#include "agent/daemon/daemon.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>

#include "agent/api/gateway.h"
#include "agent/api/server.h"
#include "agent/base/log.h"
#include "agent/config/config.h"
#include "agent/daemon/health.h"
#include "agent/daemon/job_feed.h"
#include "agent/daemon/notify.h"
#include "agent/services/form.h"
#include "agent/services/house.h"
#include "agent/services/housekeeping.h"
#include "agent/services/job_desk.h"
#include "agent/services/job_runs.h"
#include "agent/services/operation.h"
#include "agent/services/plans.h"
#include "agent/services/queue.h"
#include "agent/services/sign_in.h"

namespace totpilot::daemon {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds kDrain{90};

api::Limits limits_of(const config::ApiConfig& config) {
  api::Limits limits;
  limits.idle = config.idle;
  limits.head = config.head;
  limits.body = config.body;
  limits.connections = static_cast<std::size_t>(config.connections);
  limits.connections_per_peer = static_cast<std::size_t>(config.connections_per_peer);
  return limits;
}

api::Listening listening_of(const config::Config& config) {
  if (config.api.tls_certificate.empty() != config.api.tls_key.empty())
    throw Failure(Outcome::kInvalidInput, "a certificate and its key come together", "give --tls-cert and --tls-key");
  return {.socket = config.state_directory / kSocketFile,
          .address = config.api.listen,
          .tls_certificate = config.api.tls_certificate,
          .tls_key = config.api.tls_key};
}

/// Each connection is a descriptor, and the usual limit is made for programs with few.
void raise_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 65536);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// Goes on sealed when the key is not to be had.
task<void> open_vault_if_it_opens(services::House& house) {
  try {
    co_await house.unseal(std::nullopt);
  } catch (const Failure& failure) {
    if (failure.code() != Outcome::kVaultSealed && failure.code() != Outcome::kNeedsInput) throw;
    log::error("the vault stays sealed: {}; totpilot vault unseal opens it", failure.message());
  }
}

task<void> feed_watchdog(std::chrono::microseconds interval) {
  for (;;) {
    notify("WATCHDOG=1");
    co_await pause_until(Deadline::Clock::now() + interval / 2);
  }
}

class Daemon {
 public:
  Daemon(asio::io_context& context, services::House& house)
      : context_(context),
        house_(house),
        health_(house, metrics_),
        hub_(context.get_executor(), house.store(), house.pool()),
        dispatcher_(
            {.executor = context.get_executor(),
             .store = house.store(),
             .clock = house.clock(),
             .pool = house.pool(),
             .worker = house.worker(),
             .stop = house.stop()},
            [this](const jobs::Taken& taken) { return run_one(taken); }, services::dispatcher_settings(house)),
        plans_(context.get_executor(), house),
        keeper_(context.get_executor(), house),
        gateway_(wiring(), services::all_operations()),
        server_(context, listening_of(house.config()), limits_of(house.config().api),
                [this](api::Incoming incoming) { return gateway_.answer(std::move(incoming)); }) {
    house_.desk().attach(&dispatcher_, &hub_);
  }
  ~Daemon() { house_.desk().attach(nullptr, nullptr); }
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  /// Queue, events, schedules, campaigns and housekeeping, until stop().
  void start() {
    asio::co_spawn(context_, hub_.run(),
                   [this](const std::exception_ptr& error) { ended("the events", hub_over_, error); });
    asio::co_spawn(context_, dispatcher_.run(),
                   [this](const std::exception_ptr& error) { ended("the queue", queue_over_, error); });
    asio::co_spawn(context_, plans_.listen(hub_),
                   [this](const std::exception_ptr& error) { ended("the news of jobs", news_over_, error); });
    asio::co_spawn(context_, plans_.run(),
                   [this](const std::exception_ptr& error) { ended("the schedules", plans_over_, error); });
    asio::co_spawn(context_, keeper_.run(),
                   [this](const std::exception_ptr& error) { ended("the housekeeping", keeper_over_, error); });
  }

  Place place() const {
    const auto& config = house_.config();
    Place place{.socket = (config.state_directory / kSocketFile).string(), .address = {}};
    if (server_.port() == 0) return place;
    const std::string host = config.api.listen.substr(0, config.api.listen.rfind(':'));
    place.address =
        fmt::format("{}://{}:{}", config.api.tls_certificate.empty() ? "http" : "https", host, server_.port());
    return place;
  }

  /// First what is under way ends, then those who listen are let go.
  task<void> stop() {
    const Deadline deadline = Deadline::after(kDrain);
    server_.refuse();
    keeper_.stop();
    plans_.stop();
    co_await over(plans_over_, "the schedules", deadline);
    co_await over(keeper_over_, "the housekeeping", deadline);
    dispatcher_.stop();
    co_await over(queue_over_, "the jobs under way", deadline);
    hub_.stop();
    co_await over(hub_over_, "the last events", deadline);
    co_await over(news_over_, "the news of jobs", deadline);
    server_.stop();
    co_await server_.stopped(deadline);
  }

 private:
  api::GatewayWiring wiring() {
    const auto& config = house_.config();
    return {.house = house_,
            .metrics = metrics_,
            .identify = [this](Secret token) { return identify(std::move(token)); },
            .submit = [this](const services::Operation& operation, services::Call& call,
                             std::string key) { return submit(operation, call, std::move(key)); },
            .readiness = [this] { return health_.look(); },
            .hosts = config.api.host.empty() ? std::vector<std::string>() : std::vector{config.api.host},
            .feed = [this](std::string_view path, std::string_view last) { return job_feed(house_, hub_, path, last); },
            .limits = limits_of(config.api)};
  }

  task<services::Caller> identify(Secret token) { co_return co_await services::identify(house_, token); }

  task<nlohmann::ordered_json> submit(const services::Operation& operation, services::Call& call, std::string key) {
    services::check_arguments(call.arguments, operation.fields);
    services::SubmitJob request;
    request.kind = services::job_kind_of(operation.name);
    request.account = call.arguments.at("account").get<std::string>();
    request.request = std::move(call.arguments);
    request.idempotency_key = std::move(key);
    request.requested_by = call.caller.name;
    const services::Submitted submitted = co_await services::submit_job(house_, std::move(request));
    co_return submitted.job ? services::to_json(*submitted.job) : services::to_json(submitted);
  }

  task<std::string> run_one(jobs::Taken taken) {
    const std::string kind = taken.row.kind;
    try {
      std::string result = co_await services::run_job(house_, std::move(taken));
      metrics_.job(kind, outcome_name(Outcome::kOk));
      co_return result;
    } catch (const Failure& failure) {
      metrics_.job(kind, outcome_name(failure.code()));
      throw;
    }
  }

  static task<void> over(ReplySlot<bool>& slot, std::string what, Deadline deadline) {
    try {
      co_await slot.wait(deadline, what);
    } catch (const Failure&) {
      log::warn("{} did not end in time; the next start settles them", what);
    }
  }

  void ended(std::string_view what, ReplySlot<bool>& over, const std::exception_ptr& error) {
    if (error) log::error("{} ended by an unexpected error", what);
    over.set(true);
  }

  asio::io_context& context_;
  services::House& house_;
  api::Metrics metrics_;
  Health health_;
  services::EventHub hub_;
  jobs::Dispatcher dispatcher_;
  services::Plans plans_;
  services::Housekeeper keeper_;
  ReplySlot<bool> keeper_over_{context_.get_executor()};
  ReplySlot<bool> plans_over_{context_.get_executor()};
  ReplySlot<bool> news_over_{context_.get_executor()};
  ReplySlot<bool> hub_over_{context_.get_executor()};
  ReplySlot<bool> queue_over_{context_.get_executor()};
  api::Gateway gateway_;
  api::Server server_;
};

}  // namespace

task<void> serve(asio::io_context& context, services::House& house, std::function<void(const Place&)> started) {
  raise_descriptors();
  asio::signal_set signals(context, SIGINT, SIGTERM);
  co_await house.open_store();
  co_await open_vault_if_it_opens(house);
  Daemon daemon(context, house);
  daemon.start();
  if (const auto interval = watchdog_interval())
    asio::co_spawn(context, feed_watchdog(*interval), [](const std::exception_ptr&) {});
  notify("READY=1");
  started(daemon.place());
  co_await signals.async_wait(asio::as_tuple(asio::use_awaitable));
  notify("STOPPING=1");
  log::info("stopping: no new requests are taken");
  co_await daemon.stop();
}

}  // namespace totpilot::daemon

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
#include "agent/daemon/notify.h"
#include "agent/services/house.h"
#include "agent/services/operation.h"
#include "agent/services/sign_in.h"

namespace totpilot::daemon {

namespace asio = boost::asio;

namespace {

constexpr const char* kSocketFile = "totpilot.sock";
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
        gateway_(wiring(), services::all_operations()),
        server_(context, listening_of(house.config()), limits_of(house.config().api),
                [this](api::Incoming incoming) { return gateway_.answer(std::move(incoming)); }) {}

  Place place() const {
    const auto& config = house_.config();
    Place place{.socket = (config.state_directory / kSocketFile).string(), .address = {}};
    if (server_.port() == 0) return place;
    const std::string host = config.api.listen.substr(0, config.api.listen.rfind(':'));
    place.address =
        fmt::format("{}://{}:{}", config.api.tls_certificate.empty() ? "http" : "https", host, server_.port());
    return place;
  }

  task<void> stop() {
    server_.stop();
    co_await server_.stopped(Deadline::after(kDrain));
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
            .feed = {},
            .limits = limits_of(config.api)};
  }

  task<services::Caller> identify(Secret token) { co_return co_await services::identify(house_, token); }

  task<nlohmann::ordered_json> submit(const services::Operation& operation, services::Call& call, std::string) {
    nlohmann::ordered_json result = co_await operation.run(call);
    metrics_.job(operation.name, "ok");
    co_return result;
  }

  asio::io_context& context_;
  services::House& house_;
  api::Metrics metrics_;
  Health health_;
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

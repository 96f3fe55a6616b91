#include "agent/api/gateway.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/system/system_error.hpp>

#include "agent/api/arguments.h"
#include "agent/api/openapi.h"
#include "agent/api/problem.h"
#include "agent/base/log.h"
#include "agent/base/stopwatch.h"
#include "agent/services/admission.h"
#include "agent/services/house.h"

namespace totpilot::api {

using services::Operation;

struct Gateway::Asked {
  std::string id;
  std::string_view route = "none";
  std::string caller = "nobody";
  Stopwatch watch{};
};

namespace {

/// Nobody hears how an operation goes over plain HTTP; jobs have their events.
class Unheard final : public services::ProgressListener {
 public:
  void on_event(const services::Event&) override {}
};

WipedString dumped(const nlohmann::ordered_json& json) {
  std::string text = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  WipedString copy(text.begin(), text.end());
  wipe(text);
  return copy;
}

Reply json_reply(unsigned status, const nlohmann::ordered_json& json) {
  Reply reply;
  reply.status = status;
  reply.body = dumped(json);
  return reply;
}

/// "localhost:8443" and "[::1]:8443" without the port.
std::string_view without_port(std::string_view host) {
  const auto colon = host.rfind(':');
  if (colon == host.npos || host.ends_with(']')) return host;
  return host.substr(0, colon);
}

std::string_view bearer_of(const Incoming& incoming) {
  const std::string_view value = incoming.header("Authorization");
  constexpr std::string_view kBearer = "Bearer ";
  if (value.empty()) return {};
  if (!value.starts_with(kBearer))
    throw Failure(Outcome::kSignInRequired, "the authorization is of a kind that is not known",
                  "send Authorization: Bearer TOKEN");
  return value.substr(kBearer.size());
}

/// A tag in the answer is also its ETag; who has that version already gets no body.
void add_etag(Reply& reply, const nlohmann::ordered_json& json, const Incoming& incoming) {
  const auto tag = json.find("etag");
  if (tag == json.end() || !tag->is_string()) return;
  const std::string quoted = fmt::format("\"{}\"", tag->get<std::string>());
  reply.headers.emplace_back("ETag", quoted);
  if (incoming.verb != "GET" || incoming.header("If-None-Match") != quoted) return;
  reply.status = 304;
  reply.body.clear();
}

}  // namespace

Gateway::Gateway(GatewayWiring wiring, std::span<const Operation> operations)
    : wiring_(std::move(wiring)), operations_(operations), router_(operations) {}

task<Reply> Gateway::answer(Incoming incoming) {
  Asked asked{.id = "req_" + make_uuid7(wiring_.house.clock().now())};
  Reply reply;
  try {
    reply = co_await dispatch(incoming, asked);
  } catch (const Failure& failure) {
    reply = problem(failure, asked.id);
  } catch (const boost::system::system_error&) {
    throw;  // cancelled: nobody is there any more
  } catch (const std::exception&) {
    // Not its what(): a library's text may quote what it was given.
    reply = problem(Failure(Outcome::kInternal, "an unexpected error ended the request"), asked.id);
  }
  finish(incoming, asked, reply);
  co_return reply;
}

void Gateway::finish(const Incoming& incoming, const Asked& asked, Reply& reply) {
  reply.headers.emplace_back("X-Request-Id", asked.id);
  const auto took = asked.watch.elapsed();
  wiring_.metrics.request(asked.route, reply.status, took);
  // Not the address: an account's name may say more than a log should hold.
  log::info("request {} {} {} {} by {} from {} in {} ms", asked.id, incoming.verb, asked.route, reply.status,
            asked.caller, incoming.peer.address, took.count());
}

void Gateway::require_known_host(const Incoming& incoming) const {
  if (incoming.peer.way == Peer::Way::kUnix) return;
  const std::string_view host = without_port(incoming.header("Host"));
  if (host == "localhost" || host == "127.0.0.1" || host == "[::1]") return;
  if (std::ranges::find(wiring_.hosts, host) != wiring_.hosts.end()) return;
  throw Failure(Outcome::kForbidden, "the request calls this host by a name that is not its own",
                "name it: totpilot serve --host NAME");
}

task<services::Caller> Gateway::who(const Incoming& incoming) {
  const std::string_view token = bearer_of(incoming);
  if (!token.empty()) co_return co_await wiring_.identify(Secret::copy_of(token));
  if (incoming.peer.uid && (*incoming.peer.uid == ::geteuid() || *incoming.peer.uid == 0))
    co_return services::Caller::local(incoming.peer.pid);
  throw Failure(Outcome::kSignInRequired, "it is not known who asks", "send Authorization: Bearer TOKEN");
}

task<Reply> Gateway::dispatch(Incoming& incoming, Asked& asked) {
  require_known_host(incoming);
  const std::string_view path = path_of(incoming.target);
  if (incoming.verb == "GET") {
    Reply reply = co_await system(incoming, asked);
    if (reply.status != 0) co_return reply;
  }
  const Route route = router_.find(incoming.verb, path);
  if (route.operation != nullptr) co_return co_await perform(incoming, route, asked);
  if (route.allow.empty())
    co_return problem(404, Failure(Outcome::kNotFound, "there is no such path", "GET /v1/openapi.json lists them"),
                      asked.id);
  Reply reply =
      problem(405, Failure(Outcome::kUsage, "this path does not take that verb", "it takes " + route.allow), asked.id);
  reply.headers.emplace_back("Allow", route.allow);
  co_return reply;
}

/// What is no operation: how the daemon is, and what it can do. Status 0: none of these.
task<Reply> Gateway::system(const Incoming& incoming, Asked& asked) {
  const std::string_view path = path_of(incoming.target);
  if (path == "/healthz") {
    asked.route = "healthz";
    co_return json_reply(200, {{"alive", true}});
  }
  if (path == "/readyz") {
    asked.route = "readyz";
    const Readiness readiness = co_await wiring_.readiness();
    co_return json_reply(readiness.ready ? 200 : 503, {{"ready", readiness.ready}, {"parts", readiness.parts}});
  }
  if (path == "/v1/openapi.json") {
    asked.route = "openapi";
    co_return json_reply(200, openapi(operations_));
  }
  if (path == "/metrics") {
    asked.route = "metrics";
    const services::Caller caller = co_await who(incoming);
    asked.caller = caller.name;
    if (!caller.scopes.contains(services::Scope::kRead))
      throw Failure(Outcome::kForbidden, "metrics want the scope read");
    wiring_.metrics.set_vault_sealed(!wiring_.house.vault_open());
    const std::string text = wiring_.metrics.text();
    Reply reply;
    reply.type = "text/plain; version=0.0.4";
    reply.body.assign(text.begin(), text.end());
    co_return reply;
  }
  if (wiring_.feed) {
    if (auto feed = wiring_.feed(path, incoming.header("Last-Event-ID"))) {
      asked.route = "events";
      const services::Caller caller = co_await who(incoming);
      asked.caller = caller.name;
      if (!caller.scopes.contains(services::Scope::kRead))
        throw Failure(Outcome::kForbidden, "events want the scope read");
      // The stream is of all accounts; the operation leaves out those that the caller may not see.
      if (!services::sees_all(caller))
        throw Failure(Outcome::kForbidden, "the stream of events is for who may see every account",
                      "read those of yours: GET /v1/job-events");
      Reply reply;
      reply.type = "text/event-stream";
      reply.headers.emplace_back("Cache-Control", "no-store");
      reply.feed = std::move(feed);
      co_return reply;
    }
  }
  Reply none;
  none.status = 0;
  co_return none;
}

task<Reply> Gateway::perform(Incoming& incoming, const Route& route, Asked& asked) {
  const Operation& operation = *route.operation;
  asked.route = operation.name;
  const services::Caller caller = co_await who(incoming);
  asked.caller = caller.name;
  Unheard listener;
  services::Call call{wiring_.house, caller, arguments_of(incoming, route), listener,
                      Deadline::after(wiring_.limits.call)};
  incoming.body = WipedString();
  if (operation.answer == Operation::Answer::kJob) {
    const auto job = co_await services::perform_with(
        operation, call, wiring_.submit(operation, call, std::string(incoming.header("Idempotency-Key"))));
    Reply reply = json_reply(202, job);
    const auto id = job.find("job");
    if (id != job.end() && id->is_string())
      reply.headers.emplace_back("Location", fmt::format("/v1/jobs/{}", id->get<std::string>()));
    co_return reply;
  }
  nlohmann::ordered_json json = co_await services::perform(operation, call);
  Reply reply = json_reply(200, json);
  if (operation.scope == services::Scope::kCodes) wiring_.metrics.code_handed_out();
  if (operation.answer == Operation::Answer::kSecret) reply.headers.emplace_back("Cache-Control", "no-store");
  add_etag(reply, json, incoming);
  co_return reply;
}

}  // namespace totpilot::api

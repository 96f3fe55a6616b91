#pragma once
// Gateway: from a whole request to its answer: who asks, which row, its arguments, performed; failures as problems,
// every answer counted and logged under the request's id. On the daemon's io_context.
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "agent/api/limits.h"
#include "agent/api/message.h"
#include "agent/api/metrics.h"
#include "agent/api/router.h"
#include "agent/base/async.h"
#include "agent/base/secret.h"
#include "agent/services/perform.h"

namespace totpilot::api {

/// What the daemon can say of itself; `parts` names each thing and what is wrong with it.
struct Readiness {
  bool ready = false;
  nlohmann::ordered_json parts;
};

struct GatewayWiring {
  services::House& house;
  Metrics& metrics;
  /// Who is behind a token; sign_in_required.
  std::function<task<services::Caller>(Secret token)> identify;
  /// Queues a job for a row of Answer::kJob and gives its view.
  std::function<task<nlohmann::ordered_json>(const services::Operation&, services::Call&, std::string idempotency_key)>
      submit;
  std::function<task<Readiness>()> readiness;
  /// Host names, without a port, by which TCP clients may call us, beside the loopback ones.
  std::vector<std::string> hosts;
  /// For a GET that streams; nothing where `path` is none of those.
  std::function<std::unique_ptr<Feed>(std::string_view path, std::string_view last_event_id)> feed;
  Limits limits;
};

class Gateway {
 public:
  Gateway(GatewayWiring wiring, std::span<const services::Operation> operations);

  /// Never throws but for cancellation.
  task<Reply> answer(Incoming incoming);

 private:
  struct Asked;  // a request on its way

  task<Reply> dispatch(Incoming& incoming, Asked& asked);
  task<Reply> system(const Incoming& incoming, Asked& asked);
  task<services::Caller> who(const Incoming& incoming);
  task<Reply> perform(Incoming& incoming, const Route& route, Asked& asked);
  void require_known_host(const Incoming& incoming) const;
  void finish(const Incoming& incoming, const Asked& asked, Reply& reply);

  GatewayWiring wiring_;
  std::span<const services::Operation> operations_;
  Router router_;
};

}  // namespace totpilot::api

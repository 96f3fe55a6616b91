#include "agent/api/metrics.h"

#include <prometheus/text_serializer.h>

namespace totpilot::api {
namespace {

template <class Build>
auto& alone(Build build, prometheus::Registry& registry, const char* name, const char* help) {
  return build.Name(name).Help(help).Register(registry).Add({});
}

}  // namespace

Metrics::Metrics()
    : requests_(prometheus::BuildCounter()
                    .Name("totpilot_http_requests_total")
                    .Help("requests that were answered, by operation and status")
                    .Register(registry_)),
      seconds_(prometheus::BuildHistogram()
                   .Name("totpilot_http_request_seconds")
                   .Help("from a whole request to its answer, by operation")
                   .Register(registry_)),
      jobs_(prometheus::BuildCounter()
                .Name("totpilot_jobs_total")
                .Help("jobs that ended, by kind and outcome")
                .Register(registry_)),
      codes_(alone(prometheus::BuildCounter(), registry_, "totpilot_codes_total", "one-time codes handed out")),
      connections_(alone(prometheus::BuildGauge(), registry_, "totpilot_http_connections", "open connections")),
      browser_(alone(prometheus::BuildGauge(), registry_, "totpilot_browser_ready",
                     "1 when a browser could be started when last tried")),
      sealed_(alone(prometheus::BuildGauge(), registry_, "totpilot_vault_sealed", "1 while the vault is sealed")) {}

void Metrics::request(std::string_view route, unsigned status, std::chrono::nanoseconds took) {
  const std::string name(route);
  requests_.Add({{"operation", name}, {"status", std::to_string(status)}}).Increment();
  seconds_
      .Add({{"operation", name}},
           prometheus::Histogram::BucketBoundaries{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30})
      .Observe(std::chrono::duration<double>(took).count());
}

void Metrics::job(std::string_view kind, std::string_view outcome) {
  jobs_.Add({{"kind", std::string(kind)}, {"outcome", std::string(outcome)}}).Increment();
}

std::string Metrics::text() const { return prometheus::TextSerializer().Serialize(registry_.Collect()); }

}  // namespace totpilot::api

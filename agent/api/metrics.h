#pragma once
// Metrics: what Prometheus is told. Names of routes, kinds and outcomes; never of accounts or people. Any thread.
#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace totpilot::api {

class Metrics {
 public:
  Metrics();

  /// `route`: the operation's name, or "none".
  void request(std::string_view route, unsigned status, std::chrono::nanoseconds took);
  void job(std::string_view kind, std::string_view outcome);
  void code_handed_out() { codes_.Increment(); }
  void set_connections(std::size_t open) { connections_.Set(static_cast<double>(open)); }
  void set_browser_ready(bool ready) { browser_.Set(ready ? 1 : 0); }
  void set_vault_sealed(bool sealed) { sealed_.Set(sealed ? 1 : 0); }

  /// The text format, version 0.0.4.
  std::string text() const;

 private:
  prometheus::Registry registry_;
  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Family<prometheus::Histogram>& seconds_;
  prometheus::Family<prometheus::Counter>& jobs_;
  prometheus::Counter& codes_;
  prometheus::Gauge& connections_;
  prometheus::Gauge& browser_;
  prometheus::Gauge& sealed_;
};

}  // namespace totpilot::api

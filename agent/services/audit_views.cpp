#include "agent/services/audit_views.h"

#include <charconv>

#include "agent/services/house.h"
#include "agent/store/accounts.h"

namespace totpilot::services {
namespace {

constexpr int kMostRecords = 10'000;

/// A span before `now`: "90s", "15m", "24h", "30d".
TimePoint before(std::string_view span, TimePoint now) {
  constexpr auto kWrong = "a span is a number with s, m, h or d after it, as in 24h";
  std::int64_t count = 0;
  const auto read = std::from_chars(span.data(), span.data() + span.size(), count);
  if (read.ec != std::errc() || span.size() < 2 || read.ptr != span.data() + span.size() - 1 || count < 0 ||
      count > 1'000'000)
    throw Failure(Outcome::kInvalidInput, "since: that is no span of time", kWrong);
  switch (span.back()) {
    case 's':
      return now - std::chrono::seconds(count);
    case 'm':
      return now - std::chrono::minutes(count);
    case 'h':
      return now - std::chrono::hours(count);
    case 'd':
      return now - std::chrono::hours(24) * count;
    default:
      throw Failure(Outcome::kInvalidInput, "since: that is no span of time", kWrong);
  }
}

}  // namespace

task<std::vector<store::AuditRow>> list_audit(House& house, ListAudit request) {
  if (request.limit < 1 || request.limit > kMostRecords) throw Failure(Outcome::kInvalidInput, "limit is 1 to 10000");
  co_await house.open_store();
  co_return co_await house.blocking([&] {
    return house.store().read([&](store::ReadTransaction& transaction) {
      store::AuditFilter filter;
      filter.who = request.who;
      filter.act = request.act;
      filter.outcome = request.outcome;
      filter.limit = request.limit;
      if (!request.since.empty()) filter.since = before(request.since, house.clock().now());
      // An id also of an account that was removed: its records are still there.
      if (AccountId::looks_right(request.account))
        filter.account = request.account;
      else if (!request.account.empty())
        filter.account = store::require_account(transaction, request.account).id.str();
      return store::list_audit_records(transaction, filter);
    });
  });
}

nlohmann::ordered_json to_json(const store::AuditRow& row) {
  auto detail = nlohmann::ordered_json::parse(row.detail, nullptr, false);
  if (detail.is_discarded()) detail = row.detail;
  return {{"writer", row.writer},     {"sequence", row.sequence}, {"at", to_iso(row.at)},
          {"who", row.who},           {"act", row.act},           {"account", row.account},
          {"object", row.object},     {"outcome", row.outcome},   {"detail", std::move(detail)},
          {"previous", row.previous}, {"hash", row.hash}};
}

task<audit::Verdict> verify_audit(House& house) {
  co_await house.open_vault();
  co_return co_await house.blocking([&] { return house.verify_audit(); });
}

nlohmann::ordered_json to_json(const audit::Verdict& verdict) {
  nlohmann::ordered_json breaks = nlohmann::ordered_json::array();
  for (const audit::Break& one : verdict.breaks)
    breaks.push_back({{"writer", one.writer}, {"sequence", one.sequence}, {"what", one.what}});
  return {{"whole", verdict.whole()},
          {"records", verdict.records},
          {"chains", verdict.chains},
          {"checkpoints", verdict.checkpoints},
          {"breaks", std::move(breaks)}};
}

}  // namespace totpilot::services

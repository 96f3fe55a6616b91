#include "agent/store/factors.h"

#include "agent/store/query.h"
#include "agent/store/row_names.h"

namespace totpilot::store {
namespace {

constexpr std::string_view kSelectFactors =
    "SELECT id, account, enrollment, state, algorithm, digits, period, encoder, issuer, label, vendor, sealed_secret, "
    "fingerprint, "
    "source, created, confirmed, proven FROM factors ";

FactorRow read_factor(Row& row) {
  FactorRow factor;
  factor.id = row.id<FactorId>();
  factor.account = row.id<AccountId>();
  factor.enrollment = row.id<EnrollmentId>();
  factor.state = value_in(kFactorStates, row.text());
  factor.parameters.algorithm = row.text();
  factor.parameters.digits = row.number();
  factor.parameters.period = row.number();
  factor.parameters.encoder = row.text();
  factor.issuer = row.text();
  factor.label = row.text();
  factor.vendor = row.text();
  factor.sealed_secret = row.text();
  factor.fingerprint = row.text();
  factor.source = row.text();
  factor.created = row.time();
  factor.confirmed = row.maybe_time();
  factor.proven = row.maybe_time();
  return factor;
}

}  // namespace

void insert_factor(WriteTransaction& transaction, const FactorRow& factor) {
  Query insert(
      transaction,
      "INSERT INTO factors (id, account, enrollment, state, algorithm, digits, period, encoder, issuer, label, vendor, "
      "sealed_secret, fingerprint, source, created, confirmed, proven) "
      "VALUES (:a, :b, :c, :d, :e, :f, :g, :h, :i, :j, :k, :l, :m, :n, :o, :p, :q)");
  insert.with(factor.id).with(factor.account).with(factor.enrollment).with(name_in(kFactorStates, factor.state));
  insert.with(factor.parameters.algorithm).with(factor.parameters.digits).with(factor.parameters.period);
  insert.with(factor.parameters.encoder)
      .with(factor.issuer)
      .with(factor.label)
      .with(factor.vendor)
      .with(factor.sealed_secret);
  insert.with(factor.fingerprint).with(factor.source).with(factor.created).with(factor.confirmed).with(factor.proven);
  insert.run();
}

bool set_factor_state(WriteTransaction& transaction, const FactorId& id, FactorState from, FactorState to,
                      TimePoint at) {
  Query update(
      transaction,
      "UPDATE factors SET state = :a, confirmed = CASE WHEN :b THEN coalesce(confirmed, :c) ELSE confirmed END, "
      "proven = CASE WHEN :d THEN coalesce(proven, :e) ELSE proven END WHERE id = :f AND state = :g");
  update.with(name_in(kFactorStates, to)).with(to == FactorState::kConfirmed || to == FactorState::kLive).with(at);
  update.with(to == FactorState::kLive).with(at).with(id).with(name_in(kFactorStates, from));
  return update.run() == 1;
}

bool make_factor_live(WriteTransaction& transaction, const FactorId& id, TimePoint at) {
  const std::optional<FactorRow> factor = find_factor(transaction, id);
  if (!factor || factor->state == FactorState::kDiscarded) return false;
  Query(transaction,
        "UPDATE factors SET state = 'superseded' WHERE account = :a AND id <> :b AND state IN ('live', 'confirmed')")
      .with(factor->account)
      .with(id)
      .run();
  return set_factor_state(transaction, id, factor->state, FactorState::kLive, at);
}

bool delete_factor(WriteTransaction& transaction, const FactorId& id) {
  transaction.scrub_after_commit();
  return Query(transaction, "DELETE FROM factors WHERE id = :a").with(id).run() > 0;
}

std::optional<FactorRow> find_factor(ReadTransaction& transaction, const FactorId& id) {
  return Query(transaction, std::string(kSelectFactors) + "WHERE id = :a").with(id).first(read_factor);
}

std::vector<FactorRow> list_factors(ReadTransaction& transaction, const AccountId& account) {
  return Query(transaction, std::string(kSelectFactors) + "WHERE account = :a ORDER BY created DESC, id DESC")
      .with(account)
      .all(read_factor);
}

std::optional<FactorRow> find_usable_factor(ReadTransaction& transaction, const AccountId& account) {
  return Query(transaction, std::string(kSelectFactors) +
                                "WHERE account = :a AND state IN ('live', 'confirmed') "
                                "ORDER BY state = 'live' DESC, created DESC, id DESC LIMIT 1")
      .with(account)
      .first(read_factor);
}

std::vector<FactorRow> find_factors_by_fingerprint(ReadTransaction& transaction, std::string_view fingerprint) {
  return Query(transaction, std::string(kSelectFactors) + "WHERE fingerprint = :a ORDER BY created DESC, id DESC")
      .with(fingerprint)
      .all(read_factor);
}

}  // namespace totpilot::store

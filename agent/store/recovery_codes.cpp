#include "agent/store/recovery_codes.h"

#include "agent/store/query.h"
#include "agent/store/row_names.h"

namespace totpilot::store {
namespace {

constexpr std::string_view kSelectRecoveryCodes =
    "SELECT id, account, factor, position, sealed_code, state, created, used, used_by FROM recovery_codes ";

RecoveryCodeRow read_code(Row& row) {
  RecoveryCodeRow code;
  code.id = row.id<RecoveryCodeId>();
  code.account = row.id<AccountId>();
  code.factor = row.id<FactorId>();
  code.position = row.number();
  code.sealed_code = row.text();
  code.state = value_in(kRecoveryCodeStates, row.text());
  code.created = row.time();
  code.used = row.maybe_time();
  code.used_by = row.text();
  return code;
}

}  // namespace

void insert_recovery_codes(WriteTransaction& transaction, const std::vector<RecoveryCodeRow>& codes) {
  for (const RecoveryCodeRow& code : codes) {
    Query insert(
        transaction,
        "INSERT INTO recovery_codes (id, account, factor, position, sealed_code, state, created, used, used_by) "
        "VALUES (:a, :b, :c, :d, :e, :f, :g, :h, :i)");
    insert.with(code.id).with(code.account).with(code.factor).with(code.position).with(code.sealed_code);
    insert.with(name_in(kRecoveryCodeStates, code.state)).with(code.created).with(code.used).with(code.used_by).run();
  }
}

bool use_recovery_code(WriteTransaction& transaction, const RecoveryCodeId& id, std::string_view by, TimePoint at) {
  Query update(transaction,
               "UPDATE recovery_codes SET state = 'used', used = :a, used_by = :b WHERE id = :c AND state = 'unused'");
  return update.with(at).with(by).with(id).run() == 1;
}

int replace_recovery_codes(WriteTransaction& transaction, const AccountId& account, const FactorId& keep) {
  Query update(transaction,
               "UPDATE recovery_codes SET state = 'replaced' WHERE account = :a AND factor <> :b AND state = 'unused'");
  return static_cast<int>(update.with(account).with(keep).run());
}

bool replace_recovery_code(WriteTransaction& transaction, const RecoveryCodeId& id) {
  Query update(transaction, "UPDATE recovery_codes SET state = 'replaced' WHERE id = :a AND state = 'unused'");
  return update.with(id).run() == 1;
}

std::optional<RecoveryCodeRow> find_recovery_code(ReadTransaction& transaction, const RecoveryCodeId& id) {
  return Query(transaction, std::string(kSelectRecoveryCodes) + "WHERE id = :a").with(id).first(read_code);
}

std::vector<RecoveryCodeRow> list_recovery_codes(ReadTransaction& transaction, const AccountId& account) {
  // A factor's id holds its time, so the newest sorts last.
  return Query(transaction, std::string(kSelectRecoveryCodes) +
                                "WHERE account = :a ORDER BY factor DESC, created DESC, position, id")
      .with(account)
      .all(read_code);
}

int count_unused_recovery_codes(ReadTransaction& transaction, const AccountId& account) {
  Query query(transaction, "SELECT count(*) FROM recovery_codes WHERE account = :a AND state = 'unused'");
  return static_cast<int>(query.with(account).count());
}

}  // namespace totpilot::store

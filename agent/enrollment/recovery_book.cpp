#include "agent/enrollment/recovery_book.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/base/failure.h"
#include "agent/enrollment/fail_point.h"
#include "agent/enrollment/recovery_keeping.h"
#include "agent/store/jobs.h"
#include "agent/store/recovery_codes.h"
#include "agent/store/store.h"
#include "agent/vault/vault.h"

namespace totpilot::enrollment {
namespace {

using store::RecoveryCodeRow;
using store::RecoveryCodeState;

constexpr std::size_t kMostCodes = 100;

void check(const std::vector<Secret>& codes) {
  if (codes.empty()) throw Failure(Outcome::kInvalidInput, "there are no recovery codes to keep");
  if (codes.size() > kMostCodes)
    throw Failure(Outcome::kInvalidInput, fmt::format("{} recovery codes are too many to be true", codes.size()));
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (codes[i].empty()) throw Failure(Outcome::kInvalidInput, fmt::format("recovery code {} is empty", i + 1));
    for (std::size_t k = 0; k < i; ++k) {
      if (codes[i].same_as(codes[k]))
        throw Failure(Outcome::kInvalidInput, fmt::format("recovery codes {} and {} are the same", k + 1, i + 1));
    }
  }
}

}  // namespace

std::vector<RecoveryCodeRow> sealed_codes(const AccountId& account, const FactorId& factor,
                                          const std::vector<Secret>& codes, TimePoint now, vault::Vault& vault) {
  check(codes);
  std::vector<RecoveryCodeRow> rows;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    RecoveryCodeRow row;
    row.id = RecoveryCodeId::make(now);
    row.account = account;
    row.factor = factor;
    row.position = static_cast<int>(i) + 1;
    row.created = now;
    row.sealed_code = vault.seal(vault::recovery_code_context(row.id), codes[i]);
    rows.push_back(std::move(row));
  }
  return rows;
}

void verify_codes(const std::vector<RecoveryCodeRow>& rows, const std::vector<Secret>& codes, store::Store& store,
                  const vault::Vault& vault) {
  const auto kept = store.read([&](store::ReadTransaction& transaction) {
    std::vector<std::optional<RecoveryCodeRow>> found;
    found.reserve(rows.size());
    for (const RecoveryCodeRow& row : rows) found.push_back(store::find_recovery_code(transaction, row.id));
    return found;
  });
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool same =
        kept[i] && vault.unseal(vault::recovery_code_context(rows[i].id), kept[i]->sealed_code).same_as(codes[i]);
    if (!same)
      throw Failure(Outcome::kStorageFailed, fmt::format("recovery code {} does not come back as it was kept", i + 1));
  }
  TOTPILOT_FAIL_POINT("recovery_codes.after_read_back");
}

void replace_codes(store::WriteTransaction& transaction, const AccountId& account, TimePoint from, TimePoint before) {
  for (const RecoveryCodeRow& code : store::list_recovery_codes(transaction, account)) {
    if (code.state == RecoveryCodeState::kUnused && from <= code.created && code.created < before) {
      store::replace_recovery_code(transaction, code.id);
    }
  }
}

void enter_codes(store::WriteTransaction& transaction, const std::vector<RecoveryCodeRow>& rows, TimePoint from) {
  if (store::find_recovery_code(transaction, rows.front().id)) return;
  replace_codes(transaction, rows.front().account, from, TimePoint::max());
  store::insert_recovery_codes(transaction, rows);
}

int RecoveryBook::keep(const AccountId& account, const FactorId& factor, const std::vector<Secret>& codes,
                       const Lease& lease) {
  const TimePoint now = clock_->now();
  const auto rows = sealed_codes(account, factor, codes, now, *vault_);
  const auto enter = [&](store::WriteTransaction& transaction) {
    require_lease(transaction, lease);
    enter_codes(transaction, rows, TimePoint{});
    TOTPILOT_FAIL_POINT("recovery_codes.before_commit");
  };
  try {
    store_->write(enter);
  } catch (const store::DoubtfulCommit&) {
    // It may have happened, and the app shows them once. A commit after it that is certain settles both.
    store_->write(enter);
  }
  TOTPILOT_FAIL_POINT("recovery_codes.after_commit");
  verify_codes(rows, codes, *store_, *vault_);
  return static_cast<int>(rows.size());
}

std::vector<RecoveryCodeRow> RecoveryBook::list(const AccountId& account) const {
  auto codes = store_->read(
      [&](store::ReadTransaction& transaction) { return store::list_recovery_codes(transaction, account); });
  // One set shares its moment; the store's order is by factor, which sets kept before a capture do not have.
  std::ranges::sort(codes, [](const RecoveryCodeRow& a, const RecoveryCodeRow& b) {
    return a.created != b.created ? a.created > b.created : a.position < b.position;
  });
  return codes;
}

Secret RecoveryBook::reveal(const RecoveryCodeRow& code) const {
  return vault_->unseal(vault::recovery_code_context(code.id), code.sealed_code);
}

int RecoveryBook::unused(const AccountId& account) const {
  return store_->read(
      [&](store::ReadTransaction& transaction) { return store::count_unused_recovery_codes(transaction, account); });
}

bool RecoveryBook::any_since(const AccountId& account, TimePoint moment) const {
  const auto codes = list(account);
  return !codes.empty() && codes.front().created >= moment;
}

bool RecoveryBook::may_be_void(const AccountId& account) const {
  const auto asked = store_->read([&](store::ReadTransaction& transaction) {
    return store::find_last_past_return(transaction, account, kRenewsRecoveryCodes);
  });
  if (!asked || asked->state == store::JobState::kDone || unused(account) == 0) return false;
  return !any_since(account, asked->started.value_or(asked->created));
}

std::optional<RecoveryBook::Taken> RecoveryBook::take(const AccountId& account, const std::string& by) {
  for (const RecoveryCodeRow& row : list(account)) {
    if (row.state != RecoveryCodeState::kUnused) continue;
    Secret code = reveal(row);  // before it is marked: one that cannot be opened is not used up
    const TimePoint now = clock_->now();
    const bool ours = store_->write(
        [&](store::WriteTransaction& transaction) { return store::use_recovery_code(transaction, row.id, by, now); });
    if (!ours) continue;  // another was faster
    Taken taken{row, std::move(code)};
    taken.row.state = RecoveryCodeState::kUsed;
    taken.row.used = now;
    taken.row.used_by = by;
    return taken;
  }
  return std::nullopt;
}

}  // namespace totpilot::enrollment

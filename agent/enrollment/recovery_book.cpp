#include "agent/enrollment/recovery_book.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/base/failure.h"
#include "agent/enrollment/fail_point.h"
#include "agent/enrollment/recovery_keeping.h"
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

int RecoveryBook::keep(const AccountId& account, const FactorId& factor, const std::vector<Secret>& codes) {
  const TimePoint now = clock_->now();
  const auto rows = sealed_codes(account, factor, codes, now, *vault_);
  store_->write([&](store::WriteTransaction& transaction) {
    replace_codes(transaction, account, TimePoint{}, TimePoint::max());
    store::insert_recovery_codes(transaction, rows);
    TOTPILOT_FAIL_POINT("recovery_codes.before_commit");
  });
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

void RecoveryBook::retire(const AccountId& account) {
  store_->write([&](store::WriteTransaction& transaction) {
    replace_codes(transaction, account, TimePoint{}, TimePoint::max());
  });
}

}  // namespace totpilot::enrollment

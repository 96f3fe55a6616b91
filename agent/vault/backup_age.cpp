#include "agent/vault/backup_age.h"

#include <algorithm>

#include "agent/base/failure.h"
#include "agent/base/file.h"
#include "agent/store/accounts.h"
#include "agent/store/factors.h"
#include "agent/vault/vault_impl.h"

namespace totpilot::vault {
namespace {

/// Opening a database may migrate it, so a copy is opened. Nothing when there is none, or none that opens: then it
/// cannot be compared with, and is no reason against the backup.
std::unique_ptr<store::Store> open_copy(const std::filesystem::path& state_directory,
                                        const std::filesystem::path& work) {
  const std::filesystem::path database = state_directory / store::kDatabaseFile;
  if (!std::filesystem::is_regular_file(database)) return nullptr;
  try {
    make_private_directory(work);
    for (const char* suffix : {"", "-wal"}) {
      const std::filesystem::path from = database.string() + suffix;
      if (std::filesystem::exists(from)) std::filesystem::copy_file(from, work / from.filename());
    }
    return store::Store::open({.state_directory = work});
  } catch (const Failure&) {
    return nullptr;
  } catch (const std::filesystem::filesystem_error&) {
    return nullptr;
  }
}

void compare_accounts(store::Store& backup, store::Store& here, BackupAge& age) {
  here.read([&](store::ReadTransaction& now) {
    backup.read([&](store::ReadTransaction& then) {
      for (const store::AccountRow& account : store::list_accounts(now)) {
        if (!store::find_account(then, account.id)) {
          age.missing.push_back(account.name);
          continue;
        }
        const auto used_now = store::find_usable_factor(now, account.id);
        const auto used_then = store::find_usable_factor(then, account.id);
        const bool same = used_now ? used_then && used_now->id == used_then->id : !used_then;
        if (!same) age.replaced.push_back(account.name);
      }
    });
  });
}

void compare_in_place(store::Store& backup, store::Store& here, const std::string& workspace, BackupAge& age) {
  if (!Vault::exists(here) || read_vault_rows(here).slots.workspace != workspace) return;
  age.newest_here = here.read([](store::ReadTransaction& transaction) { return store::newest_change(transaction); });
  compare_accounts(backup, here, age);
}

std::vector<NewerCopy> newer_copies(store::Store& backup, const Escrow& escrow, TimePoint made) {
  std::vector<NewerCopy> newer;
  const std::vector<EscrowEntry> copies = escrow.list();
  backup.read([&](store::ReadTransaction& transaction) {
    for (const EscrowEntry& copy : copies) {
      // One of an account that was removed before is in no backup either.
      if (copy.factor.created < made || store::find_factor(transaction, copy.factor.id)) continue;
      newer.push_back({copy.factor.id, copy.account_name, copy.factor.created});
    }
  });
  return newer;
}

}  // namespace

BackupAge age_of(store::Store& backup, const Locations& locations, InPlace in_place, TimePoint made,
                 const std::filesystem::path& work) {
  const VaultRows rows = read_vault_rows(backup);
  const std::string& workspace = rows.slots.workspace;
  BackupAge age;
  age.newest = backup.read([](store::ReadTransaction& transaction) { return store::newest_change(transaction); });
  age.openings_since = std::max<std::int64_t>(0, Outside(locations.escrow(), workspace).epoch() - rows.epoch);
  age.copies = newer_copies(backup, Escrow(locations.escrow(), workspace), made);
  if (in_place == InPlace::kLeaveOut) return age;
  if (const auto here = open_copy(locations.state_directory, work)) compare_in_place(backup, *here, workspace, age);
  return age;
}

}  // namespace totpilot::vault

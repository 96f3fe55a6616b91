#include "agent/services/vaults.h"

#include <algorithm>

#include "agent/services/house.h"
#include "agent/services/rows.h"

namespace totpilot::services {
namespace {

VaultView view_of(House& house, std::optional<Failure> sealed) {
  const vault::Locations locations = house.locations();
  return {sealed ? vault::Vault::status_unopened(house.store(), locations) : house.vault().status(),
          locations.state_directory,
          locations.key_directory,
          locations.escrow(),
          vault::Vault::key_file_present(locations),
          std::move(sealed)};
}

nlohmann::ordered_json json_of(const vault::BackupAge& age) {
  nlohmann::ordered_json copies = nlohmann::ordered_json::array();
  for (const auto& copy : age.copies)
    copies.push_back({{"factor", copy.factor.str()}, {"account", copy.account}, {"created", to_iso(copy.created)}});
  return {{"newest_change", json_time(age.newest)}, {"newest_change_here", json_time(age.newest_here)},
          {"openings_since", age.openings_since},   {"other_factor_here", age.replaced},
          {"accounts_missing", age.missing},        {"newer_escrow_copies", std::move(copies)}};
}

nlohmann::ordered_json counts_of(const std::vector<store::TableCount>& counts) {
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  for (const auto& one : counts) object[one.table] = one.rows;
  return object;
}

}  // namespace

nlohmann::ordered_json to_json(const VaultView& view) {
  const vault::VaultStatus& status = view.status;
  nlohmann::ordered_json keys = nlohmann::ordered_json::array();
  for (const auto& key : status.keys)
    keys.push_back({{"id", key.id.str()},
                    {"active", key.active},
                    {"created", to_iso(key.created)},
                    {"records", key.records},
                    {"encryptions", key.encryptions}});
  nlohmann::ordered_json slots = nlohmann::ordered_json::array();
  for (const auto& slot : status.slots)
    slots.push_back(
        {{"kind", vault::slot_kind_name(slot.kind)}, {"created", to_iso(slot.created)}, {"where", slot.where}});
  nlohmann::ordered_json json{{"workspace", status.workspace},
                              {"state_directory", view.state_directory.string()},
                              {"key_directory", view.key_directory.string()},
                              {"escrow_directory", view.escrow_directory.string()},
                              {"opens", !view.sealed},
                              {"key_file_present", view.key_file_present},
                              {"slots", std::move(slots)},
                              {"keys", std::move(keys)},
                              {"records", status.records},
                              {"escrow_entries", status.escrow_entries},
                              {"epoch", status.epoch},
                              {"outside_epoch", status.outside_epoch},
                              {"rolled_back", status.rolled_back},
                              {"rotation_unfinished", status.rotation_unfinished},
                              {"last_backup", json_time(status.last_backup)},
                              {"last_backup_verified", json_time(status.last_backup_verified)}};
  if (view.sealed)
    json["sealed"] = {{"outcome", outcome_name(view.sealed->code())},
                      {"message", view.sealed->what()},
                      {"hint", view.sealed->hint()}};
  return json;
}

nlohmann::ordered_json to_json(const vault::RotationReport& report) {
  nlohmann::ordered_json dropped = nlohmann::ordered_json::array();
  for (const auto kind : report.dropped) dropped.push_back(vault::slot_kind_name(kind));
  return {{"new_key", report.new_key.str()},
          {"rewrapped", report.rewrapped},
          {"resumed", report.resumed},
          {"dropped", std::move(dropped)}};
}

nlohmann::ordered_json to_json(const vault::BackupReport& report) {
  return {{"file", report.file.string()}, {"bytes", report.bytes}, {"counts", counts_of(report.counts)}};
}

nlohmann::ordered_json to_json(const vault::RestoreReport& report) {
  return {
      {"workspace", report.workspace},
      {"made", to_iso(report.made)},
      {"counts", counts_of(report.counts)},
      {"secrets_opened", report.secrets_opened},
      {"age", json_of(report.age)},
      {"set_aside", report.set_aside ? nlohmann::ordered_json(report.set_aside->string()) : nlohmann::ordered_json()},
      {"key_file_missing", report.key_file_missing}};
}

task<VaultView> init_vault(House& house, InitVault request) {
  vault::InitRequest wanted;
  wanted.key_file = request.key_file;
  wanted.passphrase = std::move(request.passphrase);
  co_await house.make_vault(std::move(wanted));
  co_return co_await house.blocking([&] { return view_of(house, std::nullopt); });
}

task<VaultView> vault_status(House& house) {
  co_await house.open_store();
  std::optional<Failure> sealed;
  try {
    co_await house.open_vault();
  } catch (const Failure& failure) {
    if (failure.code() != Outcome::kVaultSealed && failure.code() != Outcome::kNeedsInput) throw;
    sealed = failure;
  }
  co_return co_await house.blocking([&] { return view_of(house, sealed); });
}

task<vault::RotationReport> rotate_key(House& house, RotateKey request) {
  co_await house.open_vault();
  co_return co_await house.blocking([&] {
    vault::RotationRequest wanted;
    wanted.depth = request.everything ? vault::RotationDepth::kEverything : vault::RotationDepth::kKey;
    wanted.passphrase = std::move(request.passphrase);
    wanted.drop_passphrase = request.drop_passphrase;
    wanted.drop_kit = request.drop_kit;
    return house.vault().rotate_key(std::move(wanted));
  });
}

task<void> make_kit(House& house, std::function<void(const Secret& text)> keep) {
  co_await house.open_vault();
  co_await house.blocking([&] { house.vault().make_kit(keep); });
}

task<void> set_passphrase(House& house, Secret passphrase) {
  co_await house.open_vault();
  co_await house.blocking([&] { house.vault().set_passphrase(passphrase); });
}

task<vault::NewKeyFile> make_key_file(House& house, vault::OtherKeyFile other) {
  co_await house.open_vault();
  co_return co_await house.blocking([&] { return house.vault().make_key_file(other); });
}

task<void> remove_slot(House& house, std::string kind) {
  std::optional<vault::SlotKind> wanted;
  for (const auto one : {vault::SlotKind::kFile, vault::SlotKind::kPassphrase, vault::SlotKind::kKit})
    if (vault::slot_kind_name(one) == kind) wanted = one;
  if (!wanted) throw Failure(Outcome::kInvalidInput, "there is no such way into a vault", "file, passphrase or kit");
  co_await house.open_vault();
  co_await house.blocking([&] { house.vault().remove_slot(*wanted); });
}

task<void> accept_rollback(House& house) {
  co_await house.open_vault();
  co_await house.blocking([&] { house.vault().accept_rollback(); });
}

task<vault::BackupReport> make_backup(House& house, std::filesystem::path file) {
  co_await house.open_vault();
  co_return co_await house.blocking([&] { return vault::make_backup(house.vault(), house.store(), file); });
}

namespace {

std::function<vault::RestoreReport(const vault::Credentials&)> restoring(House& house, const Restore& request,
                                                                         vault::InPlace in_place) {
  return [&house, &request, in_place](const vault::Credentials& credentials) {
    if (request.verify_only)
      return vault::verify_backup(request.file, house.locations(), house.clock(), credentials, in_place);
    return vault::restore_backup(request.file, house.locations(), house.clock(), credentials,
                                 request.set_aside ? vault::ExistingState::kSetAside : vault::ExistingState::kRefuse);
  };
}

}  // namespace

task<vault::RestoreReport> restore_backup(House& house, Restore request) {
  // What no key would help is said before one is asked for.
  const auto ways = co_await house.blocking([&] { return vault::ways_into_backup(request.file); });
  bool held = false;
  if (request.verify_only) {
    // A check waits for nobody: without the lock the backup is not compared with the database in place.
    if (house.has_store()) held = co_await house.try_lock();
  } else {
    if (!request.set_aside) vault::require_no_database(house.locations());
    co_await house.lock();
    held = true;
  }
  const auto restore = restoring(house, request, held ? vault::InPlace::kCompare : vault::InPlace::kLeaveOut);
  std::optional<vault::RestoreReport> report;
  co_await house.open_sealed({.has_passphrase = std::ranges::find(ways, vault::SlotKind::kPassphrase) != ways.end(),
                              .open = [&](const vault::Credentials& credentials) { report = restore(credentials); }});
  co_return std::move(report).value();
}

}  // namespace totpilot::services

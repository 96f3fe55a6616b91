#include "agent/services/vaults.h"

#include "agent/services/house.h"
#include "agent/services/rows.h"

namespace totpilot::services {
namespace {

VaultView view_of(House& house) {
  return {house.vault().status(), house.config().state_directory, house.config().key_directory,
          house.locations().escrow()};
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
  return {{"workspace", status.workspace},
          {"state_directory", view.state_directory.string()},
          {"key_directory", view.key_directory.string()},
          {"escrow_directory", view.escrow_directory.string()},
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
      {"set_aside", report.set_aside ? nlohmann::ordered_json(report.set_aside->string()) : nlohmann::ordered_json()},
      {"key_file_missing", report.key_file_missing}};
}

task<VaultView> init_vault(House& house, InitVault request) {
  vault::InitRequest wanted;
  wanted.key_file = request.key_file;
  wanted.passphrase = std::move(request.passphrase);
  co_await house.make_vault(std::move(wanted));
  co_return co_await house.blocking([&] { return view_of(house); });
}

task<VaultView> vault_status(House& house) {
  co_await house.open_vault();
  co_return co_await house.blocking([&] { return view_of(house); });
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

task<void> make_key_file(House& house) {
  co_await house.open_vault();
  co_await house.blocking([&] { house.vault().make_key_file(); });
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

task<vault::RestoreReport> restore_backup(House& house, Restore request) {
  if (!request.verify_only) co_await house.lock();
  co_return co_await house.blocking([&] {
    if (request.verify_only)
      return vault::verify_backup(request.file, house.locations(), house.clock(), request.credentials);
    return vault::restore_backup(request.file, house.locations(), house.clock(), request.credentials,
                                 request.set_aside ? vault::ExistingState::kSetAside : vault::ExistingState::kRefuse);
  });
}

}  // namespace totpilot::services

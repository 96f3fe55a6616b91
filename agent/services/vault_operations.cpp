#include <array>

#include "agent/services/form.h"
#include "agent/services/house.h"
#include "agent/services/name_account.h"
#include "agent/services/perform.h"
#include "agent/services/vaults.h"

namespace totpilot::services {
namespace {

using enum Scope;

struct Unseal {
  std::optional<Secret> passphrase;
};

constexpr Form kUnseal{
    secret("passphrase", &Unseal::passphrase, kOptional, "without it the key file is tried once more"),
};

task<nlohmann::ordered_json> run_accept_rollback(Call& call) {
  check_arguments(call.arguments, {});
  co_await accept_rollback(call.house);
  co_return done();
}

task<nlohmann::ordered_json> run_rotate_key(Call& call) {
  check_arguments(call.arguments, {});
  co_return services::to_json(co_await rotate_key(call.house, {}));
}

task<nlohmann::ordered_json> run_unseal(Call& call) {
  co_await call.house.unseal(std::move(kUnseal.read(call.arguments).passphrase));
  co_return to_json(co_await vault_status(call.house));
}

task<nlohmann::ordered_json> run_vault_status(Call& call) {
  check_arguments(call.arguments, {});
  co_return to_json(co_await vault_status(call.house));
}

/// What makes the vault, or a way into it, or reads and writes files of this machine, is done on the machine itself.
constexpr std::array kVaultRows = {
    Operation{"vault.accept_rollback",
              kVault,
              "takes an older database as the right one",
              Verb::kPost,
              "/vault/accept-rollback",
              {},
              &run_accept_rollback},
    Operation{.name = "vault.backup", .scope = kVault, .summary = "writes an encrypted backup"},
    Operation{.name = "vault.init", .scope = kVault, .summary = "makes the vault"},
    Operation{.name = "vault.key_file", .scope = kVault, .summary = "writes a new key file"},
    Operation{.name = "vault.kit", .scope = kVault, .summary = "makes a printable recovery of the key"},
    Operation{.name = "vault.passphrase", .scope = kVault, .summary = "sets the passphrase"},
    Operation{.name = "vault.remove_slot", .scope = kVault, .summary = "removes a way into the vault"},
    Operation{.name = "vault.restore", .scope = kVault, .summary = "checks a backup, or puts it in place"},
    Operation{"vault.rotate_key",
              kVault,
              "gives the records a new key",
              Verb::kPost,
              "/vault/rotate-key",
              {},
              &run_rotate_key},
    Operation{"vault.status", kRead, "says how the vault stands", Verb::kGet, "/vault", {}, &run_vault_status},
    Operation{"vault.unseal", kVault, "opens the vault of a daemon that started without its key", Verb::kPost,
              "/vault/unseal", kUnseal.fields(), &run_unseal},
};

}  // namespace

std::span<const Operation> vault_operations() { return kVaultRows; }

}  // namespace totpilot::services

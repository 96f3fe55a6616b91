#include "agent/services/operation.h"

#include <algorithm>
#include <array>

namespace totpilot::services {
namespace {

using enum Scope;

constexpr std::array kOperations = {
    Operation{"account.add", kManage, "adds an account and pins its origins"},
    Operation{"account.list", kRead, "lists accounts, without secrets"},
    Operation{"account.remove", kManage, "removes an account; copies of its TOTP keys stay in the escrow file"},
    Operation{"account.set", kManage, "changes an account"},
    Operation{"account.show", kRead, "shows an account, without secrets"},
    Operation{"code.get", kCodes, "gives a one-time code"},
    Operation{"doctor.examine", kRead, "looks whether this machine can do the work"},
    Operation{"factor.confirm", kManage, "says that the app uses a factor"},
    Operation{"factor.discard", kManage, "takes a factor out of use; its row stays"},
    Operation{"factor.escrow", kRead, "lists the copies of TOTP keys beside the database, without secrets"},
    Operation{"factor.export", kSecrets, "gives a factor's secret"},
    Operation{"factor.import", kManage, "keeps a secret that a person brings"},
    Operation{"factor.list", kRead, "lists factors, without secrets"},
    Operation{"factor.retire", kManage, "says that MFA was turned off by hand"},
    Operation{"playbook.explain", kRead, "tells a playbook in plain English"},
    Operation{"playbook.lint", kRead, "says all that is wrong with a playbook"},
    Operation{"playbook.list", kRead, "lists the playbooks that can be used"},
    Operation{"playbook.schema", kRead, "gives the JSON Schema of playbooks"},
    Operation{"recovery_codes.list", kRead, "lists recovery codes, masked"},
    Operation{"recovery_codes.new", kRun, "lets the app make new recovery codes"},
    Operation{"recovery_codes.show", kCodes, "lists recovery codes in clear"},
    Operation{"recovery_codes.use", kCodes, "gives one recovery code and marks it used"},
    Operation{"run.check", kRun, "asks the app whether MFA is on and our secret right"},
    Operation{"run.disable", kRun, "turns MFA off"},
    Operation{"run.enroll", kRun, "turns MFA on and proves it"},
    Operation{"run.login", kSecrets, "signs in and gives the session"},
    Operation{"run.recover", kRun, "settles what a crash left open"},
    Operation{"vault.accept_rollback", kVault, "takes an older database as the right one"},
    Operation{"vault.backup", kVault, "writes an encrypted backup"},
    Operation{"vault.init", kVault, "makes the vault"},
    Operation{"vault.key_file", kVault, "writes a new key file"},
    Operation{"vault.kit", kVault, "makes a printable recovery of the key"},
    Operation{"vault.passphrase", kVault, "sets the passphrase"},
    Operation{"vault.remove_slot", kVault, "removes a way into the vault"},
    Operation{"vault.restore", kVault, "checks a backup, or puts it in place"},
    Operation{"vault.rotate_key", kVault, "gives the records a new key"},
    Operation{"vault.status", kRead, "says how the vault stands"},
};

static_assert(std::ranges::is_sorted(kOperations, {}, &Operation::name));

}  // namespace

std::string_view scope_name(Scope scope) {
  switch (scope) {
    case kRead:
      return "read";
    case kManage:
      return "manage";
    case kRun:
      return "run";
    case kCodes:
      return "codes";
    case kSecrets:
      return "secrets";
    case kVault:
      return "vault";
  }
  return "vault";
}

std::span<const Operation> all_operations() { return kOperations; }

}  // namespace totpilot::services

#pragma once
// Recovering: settles an enrollment that was cut off, by asking the app (safety.md B.3). It signs in and looks; it
// never submits anything on a setup page.
#include <optional>

#include "agent/flow/flows.h"
#include "agent/flow/scene.h"

namespace totpilot::flow {

/// Whose attempt is open: what is told of it differs.
enum class Whose { kEarlierRuns, kThisRuns };

/// Settles everything that is open of this account. Never throws for what the app or the browser does: that enrollment
/// stays uncertain.
task<std::vector<Settled>> settle_all(Scene& scene, Whose whose);
/// The same, before other work on the account: throws uncertain when something stays open.
task<std::vector<Settled>> settle_first(Scene& scene);

/// Signs in in a fresh browser with a code of this factor, read back from the vault. proof_failed when no code is
/// asked.
task<void> prove_factor(Scene& scene, const playbook::Playbook& playbook, FactorId factor);

}  // namespace totpilot::flow

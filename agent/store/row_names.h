#pragma once
// The words that stand for enumerators in the database. Private to the room; a word, once released, never changes.
#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "agent/base/failure.h"
#include "agent/store/rows.h"
#include "agent/store/schedule_rows.h"

namespace totpilot::store {

template <class Enum, std::size_t count>
using Names = std::array<std::pair<Enum, std::string_view>, count>;

inline constexpr Names<FactorState, 5> kFactorStates = {{{FactorState::kCandidate, "candidate"},
                                                         {FactorState::kConfirmed, "confirmed"},
                                                         {FactorState::kLive, "live"},
                                                         {FactorState::kSuperseded, "superseded"},
                                                         {FactorState::kDiscarded, "discarded"}}};
inline constexpr Names<JobState, 6> kJobStates = {{{JobState::kQueued, "queued"},
                                                   {JobState::kRunning, "running"},
                                                   {JobState::kDone, "done"},
                                                   {JobState::kFailed, "failed"},
                                                   {JobState::kCancelled, "cancelled"},
                                                   {JobState::kNeedsInput, "needs_input"}}};
inline constexpr Names<RecoveryCodeState, 3> kRecoveryCodeStates = {{{RecoveryCodeState::kUnused, "unused"},
                                                                     {RecoveryCodeState::kUsed, "used"},
                                                                     {RecoveryCodeState::kReplaced, "replaced"}}};
inline constexpr Names<WindowUse, 3> kWindowUses = {
    {{WindowUse::kShown, "shown"}, {WindowUse::kReserved, "reserved"}, {WindowUse::kSpent, "spent"}}};
inline constexpr Names<AttemptKind, 3> kAttemptKinds = {{{AttemptKind::kPassword, "password"},
                                                         {AttemptKind::kCode, "code"},
                                                         {AttemptKind::kRecoveryCode, "recovery_code"}}};
inline constexpr Names<KeyState, 2> kKeyStates = {{{KeyState::kActive, "active"}, {KeyState::kRetiring, "retiring"}}};

inline constexpr Names<CampaignState, 6> kCampaignStates = {{{CampaignState::kPlanned, "planned"},
                                                             {CampaignState::kCanary, "canary"},
                                                             {CampaignState::kRunning, "running"},
                                                             {CampaignState::kPaused, "paused"},
                                                             {CampaignState::kDone, "done"},
                                                             {CampaignState::kStopped, "stopped"}}};
inline constexpr Names<ItemState, 6> kItemStates = {{{ItemState::kLeftOut, "left_out"},
                                                     {ItemState::kWaiting, "waiting"},
                                                     {ItemState::kSubmitted, "submitted"},
                                                     {ItemState::kDone, "done"},
                                                     {ItemState::kFailed, "failed"},
                                                     {ItemState::kCancelled, "cancelled"}}};

template <class Enum, std::size_t count>
std::string_view name_in(const Names<Enum, count>& names, Enum value) {
  const auto* found = std::ranges::find(names, value, &std::pair<Enum, std::string_view>::first);
  if (found == names.end()) throw Failure(Outcome::kInternal, "a value has no word in the database");
  return found->second;
}

template <class Enum, std::size_t count>
Enum value_in(const Names<Enum, count>& names, std::string_view name) {
  const auto* found = std::ranges::find(names, name, &std::pair<Enum, std::string_view>::second);
  if (found == names.end())
    throw Failure(Outcome::kStorageFailed, "the database holds a word that this totpilot does not know");
  return found->first;
}

}  // namespace totpilot::store

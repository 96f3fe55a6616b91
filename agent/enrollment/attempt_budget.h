#pragma once
// AttemptBudget: how many refused codes, or passwords, an account may collect before we stop by ourselves, so that we
// never lock a person out. Kept in the store, so it holds across workers and restarts. Blocking; call it on the pool.
#include <chrono>
#include <string>

#include "agent/base/clock.h"
#include "agent/base/id.h"
#include "agent/store/rows.h"

namespace totpilot::store {
class Store;
}

namespace totpilot::enrollment {

class AttemptBudget {
 public:
  static constexpr int kMost = 3;
  static constexpr std::chrono::minutes kSpan{15};

  /// Counts attempts of one kind.
  AttemptBudget(store::Store& store, const Clock& clock, store::AttemptKind kind)
      : store_(&store), clock_(&clock), kind_(kind) {}

  /// How many more may be refused now, 0 to kMost.
  int left(const AccountId& account) const;
  /// locked_out, with the time of the next try, when none is left. Before sending one that may be wrong.
  void require(const AccountId& account) const;
  /// The app refused one. `by`: a job's id or "cli:<pid>".
  void record(const AccountId& account, const std::string& by);
  /// The app took one: the count starts again.
  void clear(const AccountId& account);

 private:
  store::Store* store_;
  const Clock* clock_;
  store::AttemptKind kind_;
};

}  // namespace totpilot::enrollment

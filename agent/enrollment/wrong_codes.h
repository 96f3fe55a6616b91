#pragma once
// WrongCodeBudget: how many refused codes an account may collect before we stop by ourselves, so that we never lock a
// person out. Kept in the store, so it holds across workers and restarts. Blocking; call it on the pool.
#include <chrono>
#include <string>

#include "agent/base/clock.h"
#include "agent/base/id.h"

namespace totpilot::store {
class Store;
}

namespace totpilot::enrollment {

class WrongCodeBudget {
 public:
  static constexpr int kMost = 3;
  static constexpr std::chrono::minutes kSpan{15};

  WrongCodeBudget(store::Store& store, const Clock& clock) : store_(&store), clock_(&clock) {}

  /// How many more may be refused now, 0 to kMost.
  int left(const AccountId& account) const;
  /// locked_out, with the time of the next try, when none is left. Before sending a code that may be wrong.
  void require(const AccountId& account) const;
  /// The app refused a code. `by`: a job's id or "cli:<pid>".
  void record(const AccountId& account, const std::string& by);
  /// The app took one: the count starts again.
  void clear(const AccountId& account);

 private:
  store::Store* store_;
  const Clock* clock_;
};

}  // namespace totpilot::enrollment

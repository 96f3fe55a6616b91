#pragma once
// Jobs whose worker died: given back to the queue where nothing was armed, ended where something may have happened.
// Blocking; on the pool.
#include "agent/base/clock.h"
#include "agent/base/id.h"

namespace totpilot::store {
class Store;
}

namespace totpilot::jobs {

enum class Dead {
  kExpired,  // whose lease has run out
  kAll,      // also the others: for the holder of the StateLock, who is alone
};

/// Settles them and gives back the windows that they had reserved. A job of the queue that was killed at its
/// `most_attempts`th attempt is not tried again. Returns how many.
int settle_dead_jobs(store::Store& store, Clock& clock, const WorkerId& by, Dead which, int most_attempts);

}  // namespace totpilot::jobs

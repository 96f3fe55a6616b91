#pragma once
// Lease: which claim on which job writes. Whoever writes to an account's secrets in a job's name says so in the same
// transaction, so that a worker that lost its job changes nothing any more.
#include <cstdint>

#include "agent/base/id.h"

namespace totpilot::store {
class ReadTransaction;
}

namespace totpilot::enrollment {

struct Lease {
  JobId job;
  std::int64_t generation = 0;
};

/// Has the job gone to a later claim? One that is not kept at all has nobody who could take it over.
bool is_overtaken(store::ReadTransaction& transaction, const Lease& lease);

/// busy when it has. In the transaction of the write that it guards.
void require_lease(store::ReadTransaction& transaction, const Lease& lease);

}  // namespace totpilot::enrollment

#include "agent/enrollment/lease.h"

#include "agent/base/failure.h"
#include "agent/store/jobs.h"

namespace totpilot::enrollment {

bool is_overtaken(store::ReadTransaction& transaction, const Lease& lease) {
  const auto job = store::find_job(transaction, lease.job);
  return job && job->lease_generation != lease.generation;
}

void require_lease(store::ReadTransaction& transaction, const Lease& lease) {
  if (is_overtaken(transaction, lease))
    throw Failure(Outcome::kBusy, "another run has taken job " + lease.job.str() + " over", "the other run goes on");
}

}  // namespace totpilot::enrollment

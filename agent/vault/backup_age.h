#pragma once
// BackupAge: what a backup does not know, as far as the place where it is restored can tell: changes of the database
// there, openings of the vault, escrow copies of later keys. A restored secret that the app has replaced since is of no
// use, and nothing in the backup itself shows that. Private to the room but for the struct. Blocking.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/base/clock.h"
#include "agent/base/id.h"
#include "agent/vault/locations.h"

namespace totpilot::store {
class Store;
}

namespace totpilot::vault {

/// An escrow copy of a key that the backup does not hold.
struct NewerCopy {
  FactorId factor;
  std::string account;
  TimePoint created;
};

struct BackupAge {
  std::optional<TimePoint> newest;       // the newest change that the backup holds
  std::optional<TimePoint> newest_here;  // of the database in place, where that is the same vault's
  std::int64_t openings_since = 0;       // how often the vault was opened after the backup was made
  std::vector<std::string> replaced;     // accounts whose factor in use is another one in the database in place
  std::vector<std::string> missing;      // accounts that the database in place has, and the backup has not
  std::vector<NewerCopy> copies;
};

/// What lies in place is compared only by a caller who holds the StateLock; it is not changed.
enum class InPlace { kCompare, kLeaveOut };

/// `work` is a private directory for a copy of the database in place.
BackupAge age_of(store::Store& backup, const Locations& locations, InPlace in_place, TimePoint made,
                 const std::filesystem::path& work);

}  // namespace totpilot::vault

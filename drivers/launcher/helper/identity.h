#pragma once
// Who the browser runs as. As root: a uid of its own from a range, held by a lock while the browser lives. As an
// ordinary user: that user, in a user namespace of its own.
#include <sys/types.h>

#include "agent/base/unique_fd.h"
#include "drivers/launcher/protocol.h"

namespace totpilot::launcher {

struct Identity {
  uid_t uid = 0;
  gid_t gid = 0;
  bool user_namespace = false;
  UniqueFd lock;  // as root; shared with the namespace's init, so that the uid stays taken until both are gone
};

Identity choose_identity(const Request& request);

/// In the new user namespace: maps our ids onto themselves, so that the browser is not root in there either.
void map_own_ids(const Identity& identity);

}  // namespace totpilot::launcher

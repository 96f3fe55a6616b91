#pragma once
// What the browser sees of the file system, set up in its own mount namespace.
#include "agent/base/unique_fd.h"
#include "drivers/launcher/helper/identity.h"
#include "drivers/launcher/protocol.h"

namespace totpilot::launcher {

/// A /proc of its own, /tmp and /dev/shm of its own, nothing of what the request hides. Returns the download directory,
/// open.
UniqueFd set_up_mounts(const Request& request, const Identity& identity);

}  // namespace totpilot::launcher

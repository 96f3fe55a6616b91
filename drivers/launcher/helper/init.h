#pragma once
// The first process of the browser's PID namespace: sets it up, starts the browser in it, reaps what dies in it. When
// it ends, for whatever reason, the kernel ends everything in the namespace, stopped or not.
#include "agent/base/unique_fd.h"
#include "drivers/launcher/helper/identity.h"
#include "drivers/launcher/protocol.h"

namespace totpilot::launcher {

struct InitWork {
  const Request& request;
  const Identity& identity;
  UniqueFd link;      // to the helper outside: one packet "go" comes in, replies go out (kStarted carries the download
                      // directory)
  int control;        // to totpilot, watched for its end
  UniqueFd devtools;  // becomes the browser's descriptors 3 and 4
};

/// Returns the exit status of the init process.
int run_init(InitWork work);

}  // namespace totpilot::launcher

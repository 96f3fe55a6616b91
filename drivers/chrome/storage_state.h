#pragma once
// The storage state of a browser context: cookies, and per origin localStorage and IndexedDB, in the JSON that
// Playwright reads and writes ({cookies: [...], origins: [...]}), with sessionStorage beside it. The text is a secret:
// whoever holds it is signed in.
#include <memory>
#include <set>
#include <string>

#include "agent/base/secret.h"
#include "drivers/cdp/connection.h"
#include "drivers/chrome/visited_origins.h"

namespace totpilot::chrome {

/// A page of the context that nobody else uses, attached and still waiting; called at most once per export.
using SparePage = std::function<task<std::shared_ptr<cdp::Session>>(Deadline)>;

struct StorageSource {
  std::shared_ptr<cdp::Session> browser;
  std::string context;
  const VisitedOrigins& origins;
  SparePage spare_page;  // for origins that are on no page now; it is closed afterwards
};

/// browser_lost when the browser goes away. An origin whose storage cannot be read is exported without it.
task<Secret> export_storage_state(StorageSource source, Deadline deadline);

/// `page`: the session's only page, at about:blank; left there, or at an empty document. invalid_input for a text that
/// is no storage state, naming the place, never the content.
task<void> import_storage_state(std::shared_ptr<cdp::Session> browser, std::string context,
                                std::shared_ptr<cdp::Session> page, Secret state, Deadline deadline);

}  // namespace totpilot::chrome

#pragma once
// make_page: the page port over an attached page session. The page belongs to the session port that made it; it holds
// the protocol session and everything it learned about the page's frames. Browser io_context only.
#include <memory>
#include <string>

#include "agent/base/clock.h"
#include "agent/browser/page_port.h"
#include "drivers/cdp/session.h"
#include "drivers/page/downloads.h"

namespace totpilot::page {

struct PageOptions {
  std::string base_url;  // patterns and conditions that begin with "/" are below it
  std::string test_id_attribute = "data-testid";
  std::shared_ptr<Downloads> downloads;  // shared by all pages of a session; null: nothing can be downloaded
  const Clock* clock = nullptr;          // what server_time() is measured against; must outlive the page
};

/// Sends at once, without waiting, what the page needs of its session: the Page and Runtime domains, the world script
/// for every document, one binding, and auto-attach to out-of-process iframes (flat; those are configured and let run
/// by the page, other child targets are not touched). Call it before the target is let run. What stays with the caller:
/// viewport, focus emulation, dialogs, basic auth, Browser.setDownloadBehavior, and Runtime.runIfWaitingForDebugger of
/// this session itself.
std::unique_ptr<browser::PagePort> make_page(std::shared_ptr<cdp::Session> session, PageOptions options);

}  // namespace totpilot::page

#pragma once
// The Browser domain, as far as we use it. On the browser's own session; `context` is a browser context id.
#include <string>
#include <vector>

#include "drivers/cdp/reply.h"

namespace totpilot::cdp::browser {

struct Version {
  std::string product;  // "HeadlessChrome/156.0.1.2"
  std::string user_agent;
};

task<Version> get_version(Session& session, Deadline deadline);
/// Downloads land in `directory` (as the browser sees it) under their guid; willBegin and progress events follow.
void allow_downloads(Session& session, const std::string& context, const std::string& directory);
/// Permission names as of Browser.grantPermissions ("clipboardReadWrite"), for every origin.
void grant_permissions(Session& session, const std::string& context, std::vector<std::string> permissions);

}  // namespace totpilot::cdp::browser

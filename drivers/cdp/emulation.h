#pragma once
// The Emulation domain, as far as we use it. On a page's session.
#include <string>

#include "drivers/cdp/reply.h"

namespace totpilot::cdp::emulation {

/// The page believes to have the focus, whatever the screen does.
void keep_focus(Session& session);
void set_viewport(Session& session, int width, int height);

struct Identity {
  std::string user_agent;       // must not be empty
  std::string accept_language;  // "de-DE"; empty: the browser's
};
/// The User-Agent and Accept-Language headers and what scripts see of them.
task<void> set_identity(Session& session, Identity identity, Deadline deadline);
/// How dates and numbers are written: an ICU locale ("de_DE").
task<void> set_locale(Session& session, std::string locale, Deadline deadline);

}  // namespace totpilot::cdp::emulation

#pragma once
// The Input domain, as far as we use it. What is sent together leaves in one write; the last call's reply says that the
// page has handled all of it.
#include <string>

#include "drivers/cdp/reply.h"

namespace totpilot::cdp::input {

struct Key {
  std::string name;  // DOM `key`
  std::string code;  // DOM `code`
  std::string text;  // what it types; empty for none
  int virtual_key = 0;
};

/// Moves there and clicks with the left button; CSS pixels of the page's viewport.
task<void> click(Session& session, double x, double y, Deadline deadline);
task<void> press(Session& session, Key key, Deadline deadline);

}  // namespace totpilot::cdp::input

#pragma once
// Keys by their DOM names, as press() takes them.
#include <string>

#include "drivers/cdp/input.h"

namespace totpilot::page {

/// "Enter", "Escape", "ArrowDown", "a", ...; invalid_input for a name we do not know.
cdp::input::Key key_named(const std::string& name);

}  // namespace totpilot::page

#pragma once
// A playbook told in plain English, for a person who decides whether to let it run. Pure.
#include <string>

#include "agent/playbook/ast.h"

namespace totpilot::playbook {

/// Paragraphs: what the app is, how it is recognized, where secrets may go, and each flow as numbered sentences. Ends
/// with a newline.
std::string explain(const Playbook& playbook);

/// One sentence for one step, without full stop: `press the button "Sign in"`. For live progress and for generated step
/// names.
std::string explain(const Step& step);
std::string explain(const Locator& locator);      // `the button "Sign in"`
std::string explain(const Condition& condition);  // `the text "Welcome" shows`

}  // namespace totpilot::playbook

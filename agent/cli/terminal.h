#pragma once
// Terminal: what a person at the keyboard is asked and how they are written to. The only code that reads a terminal or
// sets its modes.
#include <string>
#include <string_view>

#include "agent/base/secret.h"

namespace totpilot::cli {

enum class Stream { kInput, kOutput, kError };

bool is_terminal(Stream stream);
/// Columns of the terminal behind standard error; 80 where there is none.
int terminal_width();
/// Is there a person to ask (a controlling terminal that can be opened)?
bool can_ask();

/// Asks on the controlling terminal, without echo. An interrupt restores the terminal and is `cancelled`; without a
/// terminal: needs_input with `hint`, which names the options that give the value otherwise.
Secret ask_secret(const std::string& question, const std::string& hint);
/// Asks twice and insists that both agree; an empty answer is refused.
Secret ask_new_secret(const std::string& question, const std::string& hint);
/// "question [y/N] "; no terminal: needs_input with `hint`.
bool ask_yes(const std::string& question, const std::string& hint);

}  // namespace totpilot::cli

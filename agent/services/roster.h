#pragma once
// Roster: accounts to be, from a CSV file: our own columns, or those that password managers export. Pure; names every
// bad line at once, and repeats nothing of one: columns that are shifted by one would show a password.
#include <string>
#include <vector>

#include "agent/base/secret.h"

namespace totpilot::services {

struct RosterLine {
  int line = 0;
  std::string name;
  std::string username;
  std::string url;  // as parse_base_address() takes it
  std::string app;
  std::vector<std::string> origins;  // all pins, the address's first
  std::vector<std::string> tags;
  std::string owner;                // a member; empty: none
  std::vector<std::string> shares;  // members or teams
  std::string notes;
  Secret password;        // empty: none
  bool has_totp = false;  // the file has a TOTP secret of it: MFA is on, by another tool
};

struct Roster {
  std::vector<RosterLine> lines;
  std::vector<std::string> remarks;  // what was not taken over
};

struct RosterRules {
  std::string app;  // of lines that name none
  bool insecure_http = false;
};

/// invalid_input with all that is wrong, by line.
Roster read_roster(const Secret& csv, const RosterRules& rules);

/// invalid_input that lists what is wrong; nothing when nothing is.
void refuse_lines(const std::vector<std::string>& problems);

}  // namespace totpilot::services

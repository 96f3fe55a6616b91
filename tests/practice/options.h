#pragma once
// SiteOptions: how a practice site is set up before it starts.
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/practice/behaviour.h"

namespace totpilot::practice {

struct UserSeed {
  std::string name;
  std::string password;
  Behaviours behaviours;    // on top of the site's
  std::string live_secret;  // base32; given: MFA is on with it from the start
};

struct SiteOptions {
  std::uint16_t port = 0;  // on 127.0.0.1; 0: any free one
  Behaviours behaviours;
  std::vector<UserSeed> users;
  std::string clock_file;                 // the shared test clock; empty: the system's time
  std::chrono::seconds skew{0};           // the app's clock is ahead by this (Date header and codes); negative: behind
  int windows_back = 1;                   // how many past windows are accepted
  int windows_ahead = 1;                  // how many future ones
  int wrong_tries_allowed = 3;            // for kLocksOut
  std::chrono::milliseconds delay{2000};  // for kSlow
};

}  // namespace totpilot::practice

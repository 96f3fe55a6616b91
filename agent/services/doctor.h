#pragma once
// Doctor: looks whether this machine can do the work, one thing at a time, and says what to do about what it cannot.
// Changes nothing.
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "agent/base/async.h"
#include "agent/base/outcome.h"

namespace totpilot::services {

class House;

struct Finding {
  std::string what;  // "a browser starts"
  Outcome outcome = Outcome::kOk;
  std::string detail;  // "in 74 ms"; of a failure its message
  std::string hint;    // only of a failure
};

nlohmann::ordered_json to_json(const Finding& finding);

/// doctor.examine: all findings, good and bad; throws nothing for what it finds.
task<std::vector<Finding>> examine(House& house);

}  // namespace totpilot::services

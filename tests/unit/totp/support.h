#pragma once
// What the totp tests share: their vector files.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "agent/base/file.h"

namespace totpilot::totp {

inline nlohmann::json vectors(const std::string& name) {
  return nlohmann::json::parse(
      read_file(std::string(TOTPILOT_SOURCE_DIR) + "/tests/unit/totp/vectors/" + name + ".json", 1U << 20U));
}

}  // namespace totpilot::totp

#pragma once
// Problem: why the helper cannot start a browser. Thrown inside each of its processes, sent to totpilot as words.
#include <cerrno>
#include <cstring>
#include <string>

namespace totpilot::launcher {

struct Problem {
  std::string reason;
  std::string hint;
};

/// "cannot mount /proc: Operation not permitted", from errno.
inline Problem system_problem(const std::string& what, std::string hint = {}) {
  return {what + ": " + std::strerror(errno), std::move(hint)};
}

}  // namespace totpilot::launcher

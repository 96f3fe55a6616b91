#include "agent/enrollment/fail_point.h"

#ifdef TOTPILOT_TESTING
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>

#include "agent/base/failure.h"
#include "agent/base/unique_fd.h"

namespace totpilot::enrollment {
namespace {

constexpr auto kNames = std::to_array<std::string_view>({
    // Passed by the journal, around the commit of each state.
    "planned.before_commit", "planned.after_commit", "authenticating.before_commit", "authenticating.after_commit",
    "setup_opening.before_commit", "setup_opening.after_commit", "secret_durable.before_commit",
    "secret_durable.after_commit", "secret_durable.after_read_back", "secret_durable.after_escrow",
    "submit_armed.before_commit", "submit_armed.after_commit", "submitted.before_commit", "submitted.after_commit",
    "app_confirmed.before_commit", "app_confirmed.after_commit", "verifying.before_commit", "verifying.after_commit",
    "active.before_commit", "active.after_commit", "uncertain.before_commit", "uncertain.after_commit",
    "failed_safe.before_commit", "failed_safe.after_commit", "needs_human.before_commit", "needs_human.after_commit",
    "cancelled.before_commit", "cancelled.after_commit", "claim.before_commit", "claim.after_commit",
    "recovery_codes.before_commit", "recovery_codes.after_commit", "recovery_codes.after_read_back",
    "codes_mark.before_commit", "codes_mark.after_commit",
    // Passed by the ledger.
    "window_spent.before_commit", "window_spent.after_commit",
    // Passed by the flow, once the state's effect has happened.
    "authenticating.after_effect",  // signed in
    "setup_opening.after_effect",   // the page that makes a secret is open
    "secret_durable.after_effect",  // the field for the code was found
    "submit_armed.after_effect",    // the code was typed and submitted
    "recovery_codes.after_effect",  // "I have saved them" was pressed
    "verifying.after_effect",       // the fresh login has succeeded
});

struct Armed {
  std::string name;
  std::string action;
  int pass = 1;
};

/// From "NAME:ACTION@N".
Armed parse(std::string_view spec) {
  Armed armed;
  if (const std::size_t at = spec.find('@'); at != std::string_view::npos) {
    std::from_chars(spec.data() + at + 1, spec.data() + spec.size(), armed.pass);
    spec = spec.substr(0, at);
  }
  const std::size_t colon = std::min(spec.find(':'), spec.size());
  armed.name = spec.substr(0, colon);
  armed.action = colon < spec.size() ? spec.substr(colon + 1) : std::string_view("throw");
  return armed;
}

[[noreturn]] void refuse(std::string_view why, std::string_view what) {
  std::fprintf(stderr, "fail-point: %.*s: %.*s\n", static_cast<int>(why.size()), why.data(),
               static_cast<int>(what.size()), what.data());
  std::abort();
}

bool is_known(std::string_view name) { return std::ranges::find(kNames, name) != kNames.end(); }

void log_pass(std::string_view name) {
  const char* file = std::getenv("TOTPILOT_FAIL_POINT_LOG");
  if (file == nullptr) return;
  const UniqueFd fd(::open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  const std::string line = std::string(name) + "\n";
  if (!fd || ::write(fd.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    refuse("the log cannot be written", file);
}

/// How often each armed spec's name was passed since it was set.
bool is_due(const std::string& spec, const Armed& armed) {
  static std::mutex mutex;
  static std::map<std::string, int> passes;
  const std::lock_guard lock(mutex);
  return ++passes[spec] == armed.pass;
}

}  // namespace

std::span<const std::string_view> all_fail_points() { return kNames; }

void pass_fail_point(std::string_view name) {
  if (!is_known(name)) refuse("there is none of this name", name);
  log_pass(name);
  const char* spec = std::getenv("TOTPILOT_FAIL_POINT");
  if (spec == nullptr) return;
  const Armed armed = parse(spec);
  if (!is_known(armed.name)) refuse("there is none of this name", armed.name);
  if (armed.name != name || !is_due(spec, armed)) return;
  if (armed.action == "kill") {
    ::kill(::getpid(), SIGKILL);
    ::pause();  // the signal may be a moment in coming
  }
  if (armed.action == "throw") throw Failure(Outcome::kInternal, "fail-point " + std::string(name));
  if (armed.action == "eio")
    throw Failure(Outcome::kStorageFailed, "fail-point " + std::string(name) + ": input/output error");
  if (armed.action == "enospc")
    throw Failure(Outcome::kStorageFailed, "fail-point " + std::string(name) + ": no space left");
  refuse("there is no such action", armed.action);
}

}  // namespace totpilot::enrollment
#endif

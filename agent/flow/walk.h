#pragma once
// Walk: one browser session being led through steps: what every step works with, and the few questions that are put to
// a page again and again. Browser io_context.
#include <optional>
#include <string>
#include <vector>

#include "agent/browser/session_port.h"
#include "agent/flow/desk.h"
#include "agent/flow/mission.h"

namespace totpilot::flow {

/// Numbers the steps of one flow, also across its browser sessions.
class StepCounter {
 public:
  std::string next() { return std::to_string(++last_); }

 private:
  int last_ = 0;
};

/// How long a step may take. A step that waited for a code's window begins its time anew.
struct StepTime {
  Deadline whole;  // the flow's
  std::chrono::milliseconds span{0};
  Deadline fresh() const { return whole.at_most(span); }
};

struct Walk {
  FlowContext& context;
  Desk& desk;
  ProgressListener& tell;
  browser::SessionPort& session;
  const playbook::Playbook& playbook;
  Mission& mission;
  StepCounter& numbers;
  bool may_reveal = false;       // the steps are those of a setup: any of them may bring a secret onto the page
  bool secrets_on_page = false;  // from the click that reveals until the setup is left: no pictures, outline masked
  bool in_watcher = false;       // watchers are not looked for meanwhile, or one could wait for itself
  bool failure_told = false;     // the step that failed has been told; the steps around it add nothing

  browser::PagePort& page() { return session.page(); }
  StepTime step_time(std::optional<std::chrono::milliseconds> span = std::nullopt) const {
    return {context.deadline, span.value_or(context.limits.step)};
  }

  /// `path` below the account's base URL; an absolute address stays as it is.
  std::string address(const std::string& path) const;
  /// Opens it, and names what a status says: underpermissioned, rate_limited, app_unreachable, page_changed.
  task<void> open(std::string path, Deadline deadline);
  /// The first condition that holds at this moment, without waiting: one round trip.
  task<std::optional<std::size_t>> holds_now(std::vector<browser::Condition> any, Deadline deadline);
  task<bool> shows_now(browser::Locator locator, Deadline deadline);
};

browser::Condition shows(browser::Locator locator);
browser::Condition hides(browser::Locator locator);
browser::Locator field(browser::FieldKind kind);
/// The button that submits the form around `locator`.
browser::Locator submit_of(const browser::Locator& locator);
/// The smallest elements that hold one of the texts.
browser::Locator any_text(std::vector<std::string> texts);
browser::Locator css(std::string selector);
browser::Locator role(std::string name);

}  // namespace totpilot::flow

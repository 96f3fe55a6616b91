#pragma once
// Progress: what a flow tells whoever watches it (terminal, recorder, later an event stream). Listeners observe; they
// never steer. Called on the browser io_context; must not block and must not throw. Texts never hold a secret.
#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include "agent/base/clock.h"
#include "agent/base/failure.h"
#include "agent/browser/page_port.h"

namespace totpilot::flow {

struct FlowStarted {
  std::string flow;     // "enroll", "login", ...
  std::string account;  // the account's name
};

struct StepStarted {
  std::string number;  // "3", below a branch or inside another flow "3.1"
  std::string name;    // "sign in", "click {role: button, name: \"Activate\"}"
  SourcePosition at;   // empty file: one of the engine's own steps
};

struct StepEnded {
  std::string number;
  std::string name;
  std::chrono::milliseconds duration{0};
  Outcome result = Outcome::kOk;  // kOk also for a skipped step
  bool skipped = false;           // its only_if did not hold
  std::string message;            // of the failure, or a remark ("text+qr", "10 codes"); may be empty
};

/// Something is waited for on purpose: a code's window, a rate limit.
struct Waiting {
  std::string what;    // "next code"
  std::string reason;  // why not now: "this window is used"
  std::chrono::milliseconds span{0};
};

/// A fact worth telling that belongs to no step: "an earlier run of this account was interrupted; asking the app how it
/// stands".
struct Remark {
  std::string text;
};

/// What was on the page when a step failed; masked, and without a picture while a secret may be on it.
struct PageSeen {
  std::string number;  // of the step
  browser::Evidence evidence;
};

struct FlowEnded {
  std::string flow;
  std::chrono::milliseconds duration{0};
  Outcome result = Outcome::kOk;
  std::string message;
};

using Event = std::variant<FlowStarted, StepStarted, StepEnded, Waiting, Remark, PageSeen, FlowEnded>;

class ProgressListener {
 public:
  virtual ~ProgressListener() = default;
  virtual void on_event(const Event& event) = 0;
};

/// Hands each event to all, in order.
class ListenerList final : public ProgressListener {
 public:
  void add(ProgressListener& listener) { listeners_.push_back(&listener); }
  void on_event(const Event& event) override {
    for (auto* listener : listeners_) listener->on_event(event);
  }

 private:
  std::vector<ProgressListener*> listeners_;
};

}  // namespace totpilot::flow

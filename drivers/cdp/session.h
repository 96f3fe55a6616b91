#pragma once
// cdp::Session: one attached target over a Connection (flat sessions). Calls, events, and the certainty that every
// pending call ends: on detach, crash, disconnect or deadline. Browser io_context only.
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "agent/base/async.h"
#include "drivers/transport/transport.h"

namespace totpilot::cdp {

/// Unsubscribes when it dies.
class Subscription {
 public:
  Subscription() = default;
  explicit Subscription(std::function<void()> cancel) : cancel_(std::move(cancel)) {}
  Subscription(Subscription&& other) noexcept : cancel_(std::exchange(other.cancel_, nullptr)) {}
  Subscription& operator=(Subscription&& other) noexcept {
    std::swap(cancel_, other.cancel_);
    return *this;
  }
  ~Subscription() {
    if (cancel_) cancel_();
  }

 private:
  std::function<void()> cancel_;
};

/// What the browser answered with an error object. Its text is Chrome's and may hold page content: for branching and
/// debug logs only, never for a message to a person. `gone` marks the errors of a vanished context, node, frame or
/// target.
class ProtocolError : public std::exception {
 public:
  ProtocolError(std::string method, int code, std::string text);
  const std::string& method() const { return method_; }
  int error_code() const { return code_; }
  const std::string& text() const { return text_; }
  bool gone() const;
  const char* what() const noexcept override { return "the browser refused a protocol call"; }

 private:
  std::string method_;
  int code_;
  std::string text_;
};

/// kSecret: parameters and result are never logged, and wiped after sending.
using transport::Sensitivity;

class Session {
 public:
  virtual ~Session() = default;

  /// Sends now, before the task is awaited (calls made in one turn leave in one write, so start several and then await
  /// them), and gives the result object. Throws ProtocolError, or Failure browser_lost (detached, crashed,
  /// disconnected) or timed_out.
  virtual task<nlohmann::json> call(std::string method, nlohmann::json params, Deadline deadline,
                                    Sensitivity sensitivity = Sensitivity::kPlain) = 0;
  /// Sends and does not wait; an error answer is dropped.
  virtual void post(std::string method, nlohmann::json params) = 0;
  /// Called in order, on the io_context, for each event of this session. Register before doing what causes the event.
  virtual Subscription on(std::string method, std::function<void(const nlohmann::json&)> handler) = 0;
  /// Called once, when the session ends for whatever reason ("target crashed", "detached", "connection closed").
  virtual Subscription on_end(std::function<void(std::string reason)> handler) = 0;

  virtual const std::string& id() const = 0;  // protocol session id; empty for the browser itself
  virtual const std::string& target_id() const = 0;
  virtual bool ended() const = 0;
  /// The session of a child target (an out-of-process iframe) by protocol session id, null when unknown.
  virtual std::shared_ptr<Session> child(const std::string& session_id) = 0;
};

}  // namespace totpilot::cdp

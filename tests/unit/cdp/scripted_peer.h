#pragma once
// ScriptedPeer: a browser that is a list of answers. Tests put its transport under a cdp::Connection, and may make any
// call fail, never be answered, be answered later, or end the connection.
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "drivers/transport/transport.h"

namespace totpilot::tests {

class ScriptedPeer {
 public:
  struct Call {
    std::int64_t id = 0;
    std::string method;
    nlohmann::json params;
    std::string session;
    transport::Sensitivity sensitivity = transport::Sensitivity::kPlain;
  };
  using Answer = std::function<nlohmann::json(const Call&)>;
  enum class Fault { kError, kDrop, kHold, kDisconnect };

  explicit ScriptedPeer(boost::asio::any_io_executor executor) : state_(std::make_shared<State>()) {
    state_->executor = std::move(executor);
  }

  /// The end to build a connection on; once.
  std::unique_ptr<transport::Transport> transport() { return std::make_unique<End>(state_); }

  /// What `method` is answered with from now on; an empty object without it.
  void answer(const std::string& method, Answer answer) { state_->answers[method] = std::move(answer); }
  /// What happens to the call number `index` (from 0) instead of its answer.
  void fault(std::size_t index, Fault fault) { state_->faults[index] = fault; }
  /// Answers what kHold kept back.
  void release() {
    for (const Call& call : std::exchange(state_->held, {})) state_->reply(call);
  }
  void event(const std::string& method, nlohmann::json params, const std::string& session = {}) {
    nlohmann::json message = {{"method", method}, {"params", std::move(params)}};
    if (!session.empty()) message["sessionId"] = session;
    raw(message.dump());
  }
  void attach(const std::string& session, const std::string& target, const std::string& parent = {}) {
    event("Target.attachedToTarget",
          {{"sessionId", session},
           {"targetInfo", {{"targetId", target}, {"type", "page"}}},
           {"waitingForDebugger", false}},
          parent);
  }
  void raw(std::string text) { state_->deliver(std::move(text)); }
  void disconnect() { state_->disconnect(); }

  /// Does the connection read on? It is sent what it asked not to be sent yet nevertheless.
  bool paused() const { return state_->paused; }
  const std::vector<Call>& calls() const { return state_->calls; }
  /// How many calls were sent in each turn of the io_context.
  const std::vector<std::size_t>& turns() const { return state_->turns; }

 private:
  struct State : std::enable_shared_from_this<State> {
    boost::asio::any_io_executor executor;
    transport::Events events;
    std::map<std::string, Answer> answers;
    std::map<std::size_t, Fault> faults;
    std::vector<Call> calls;
    std::vector<Call> held;
    std::vector<std::size_t> turns;
    bool turn_open = false;
    bool closed = false;
    bool paused = false;

    void receive(const std::string& text, transport::Sensitivity sensitivity) {
      const auto message = nlohmann::json::parse(text);
      Call call{message.at("id"), message.at("method"), message.value("params", nlohmann::json()),
                message.value("sessionId", ""), sensitivity};
      calls.push_back(call);
      if (!turn_open) {
        turn_open = true;
        turns.push_back(0);
        boost::asio::post(executor, [self = shared_from_this()] { self->turn_open = false; });
      }
      ++turns.back();
      const auto fault = faults.find(calls.size() - 1);
      if (fault == faults.end()) return reply(call);
      switch (fault->second) {
        case Fault::kError:
          return deliver(
              nlohmann::json{{"id", call.id}, {"error", {{"code", -32000}, {"message", "scripted"}}}}.dump());
        case Fault::kDrop:
          return;
        case Fault::kHold:
          return held.push_back(call);
        case Fault::kDisconnect:
          return disconnect();
      }
    }

    void reply(const Call& call) {
      const auto found = answers.find(call.method);
      nlohmann::json result = found == answers.end() ? nlohmann::json::object() : found->second(call);
      deliver(nlohmann::json{{"id", call.id}, {"result", std::move(result)}, {"sessionId", call.session}}.dump());
    }

    void deliver(std::string text) {
      boost::asio::post(executor, [self = shared_from_this(), text = std::move(text)] {
        if (!self->closed && self->events.message) self->events.message(text);
      });
    }

    void disconnect() {
      boost::asio::post(executor, [self = shared_from_this()] {
        if (std::exchange(self->closed, true)) return;
        if (self->events.closed) self->events.closed("the scripted browser hung up");
      });
    }
  };

  struct End final : transport::Transport {
    explicit End(std::shared_ptr<State> state) : state_(std::move(state)) {}
    ~End() override { close(); }
    void start(transport::Events events) override { state_->events = std::move(events); }
    void send(std::string message, transport::Sensitivity sensitivity) override {
      state_->receive(message, sensitivity);
    }
    void pause() override { state_->paused = true; }
    void resume() override { state_->paused = false; }
    void close() override {
      state_->closed = true;
      state_->events = {};
    }
    std::shared_ptr<State> state_;
  };

  std::shared_ptr<State> state_;
};

}  // namespace totpilot::tests

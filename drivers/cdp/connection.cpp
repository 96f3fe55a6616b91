#include "drivers/cdp/connection.h"

#include <boost/asio/post.hpp>
#include <deque>
#include <map>

#include "agent/base/log.h"
#include "agent/base/secret.h"
#include "drivers/cdp/bounded_json.h"
#include "drivers/cdp/session_core.h"

namespace totpilot::cdp {
namespace {

using nlohmann::json;

Failure browser_lost(const std::string& reason) { return Failure(Outcome::kBrowserLost, reason); }

/// A string member, empty where it is missing or something else: the browser is not to be trusted with our types.
std::string text_at(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// Pages write to their console what and as much as they like. Chrome tells of it where contexts are told of, in its
/// own fixed spelling, and nobody here wants it: not worth parsing.
bool is_console_output(std::string_view text) {
  return text.starts_with(R"({"method":"Runtime.consoleAPICalled",)") ||
         text.starts_with(R"({"method":"Runtime.exceptionThrown",)");
}

}  // namespace

class Connection::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(boost::asio::any_io_executor executor, boost::asio::thread_pool& pool,
       std::unique_ptr<transport::Transport> transport, std::size_t max_queued)
      : executor_(std::move(executor)), pool_(pool), transport_(std::move(transport)), max_queued_(max_queued) {}

  void start();
  void close(const std::string& reason);
  bool closed() const { return closed_; }

  class FlatSession;
  std::shared_ptr<FlatSession> browser() const { return browser_; }
  std::shared_ptr<FlatSession> find(const std::string& session_id) const {
    const auto found = sessions_.find(session_id);
    return found == sessions_.end() ? nullptr : found->second;
  }

 private:
  // Wiped whenever it ends: whether it held a secret is known only once it was dispatched, and it may never be.
  struct Incoming {
    std::string text;
    std::optional<std::expected<json, std::string>> parsed;  // set when the pool is done with it
    bool in_pool = false;

    ~Incoming() {
      wipe(text);
      if (parsed && *parsed) wipe_strings(**parsed);
    }
  };

  std::int64_t send(const std::string& session_id, const std::string& method, json params, Sensitivity sensitivity);
  void receive(std::string text);
  void drain();
  void read_on();
  void dispatch(json message);
  void dispatch_reply(json message);
  void dispatch_event(json message);
  void attach(const std::string& parent_id, const json& params);
  void end_session(const std::string& session_id, const std::string& reason);

  boost::asio::any_io_executor executor_;
  boost::asio::thread_pool& pool_;
  std::unique_ptr<transport::Transport> transport_;
  std::shared_ptr<FlatSession> browser_;
  std::map<std::string, std::shared_ptr<FlatSession>> sessions_;  // by session id; the browser's under ""
  std::map<std::int64_t, std::string> owed_;                      // the session's id, by call id
  std::deque<std::shared_ptr<Incoming>> incoming_;
  std::size_t queued_ = 0;  // bytes in incoming_
  std::size_t max_queued_;
  std::int64_t last_id_ = 0;
  bool closed_ = false;
  bool draining_ = false;
  bool paused_ = false;
};

// The core owns its sessions; whoever else holds one past its end finds it ended.
class Connection::Core::FlatSession final : public Session, public std::enable_shared_from_this<FlatSession> {
 public:
  struct Names {
    std::string id;
    std::string parent_id;
    std::string target_id;
  };

  FlatSession(std::weak_ptr<Core> core, boost::asio::any_io_executor executor, Names names)
      : core_(std::move(core)), executor_(std::move(executor)), names_(std::move(names)) {}

  task<json> call(std::string method, json params, Deadline deadline, Sensitivity sensitivity) override {
    auto pending = std::make_shared<PendingCall>(std::move(method), executor_);
    const auto core = core_.lock();
    if (ended() || !core) {
      if (sensitivity == Sensitivity::kSecret) wipe_strings(params);
      pending->slot.fail(
          std::make_exception_ptr(browser_lost(end_reason_.empty() ? "the browser is gone" : end_reason_)));
      return reply(shared_from_this(), std::move(pending), 0, deadline);
    }
    const std::int64_t call_id = core->send(id(), pending->method, std::move(params), sensitivity);
    pending_.emplace(call_id, pending);
    core->owed_.emplace(call_id, id());
    return reply(shared_from_this(), std::move(pending), call_id, deadline);
  }

  void post(std::string method, json params) override {
    if (const auto core = core_.lock(); core && !ended())
      core->send(id(), method, std::move(params), Sensitivity::kPlain);
  }

  Subscription on(std::string method, std::function<void(const json&)> handler) override {
    return subscribers_->add(std::move(method), std::move(handler));
  }
  Subscription on_end(std::function<void(std::string)> handler) override {
    return subscribers_->add_end(std::move(handler));
  }

  const std::string& id() const override { return names_.id; }
  const std::string& target_id() const override { return names_.target_id; }
  const std::string& parent_id() const { return names_.parent_id; }
  bool ended() const override { return ended_; }

  std::shared_ptr<Session> child(const std::string& session_id) override {
    const auto core = core_.lock();
    return core ? core->find(session_id) : nullptr;
  }

  std::shared_ptr<PendingCall> take(std::int64_t call_id) {
    const auto found = pending_.find(call_id);
    if (found == pending_.end()) return nullptr;
    auto pending = std::move(found->second);
    pending_.erase(found);
    return pending;
  }

  void deliver(const std::string& method, const json& params) {
    const auto keep = subscribers_;
    keep->deliver(method, params);
  }

  void end(const std::string& reason) {
    if (ended_) return;
    ended_ = true;
    end_reason_ = reason;
    const auto core = core_.lock();
    const auto unanswered = std::move(pending_);
    pending_.clear();
    for (const auto& [call_id, pending] : unanswered) {
      if (core) core->owed_.erase(call_id);
      pending->slot.fail(std::make_exception_ptr(browser_lost(reason)));
    }
    const auto keep = subscribers_;
    keep->end(reason);
  }

 private:
  static task<json> reply(std::shared_ptr<FlatSession> self, std::shared_ptr<PendingCall> pending, std::int64_t call_id,
                          Deadline deadline) {
    try {
      co_return co_await pending->slot.wait(deadline, "the reply to " + pending->method);
    } catch (...) {
      self->forget(call_id);
      throw;
    }
  }

  void forget(std::int64_t call_id) {
    if (pending_.erase(call_id) == 0) return;
    if (const auto core = core_.lock()) core->owed_.erase(call_id);
  }

  std::weak_ptr<Core> core_;
  boost::asio::any_io_executor executor_;
  Names names_;
  std::shared_ptr<Subscribers> subscribers_ = std::make_shared<Subscribers>();
  std::map<std::int64_t, std::shared_ptr<PendingCall>> pending_;
  bool ended_ = false;
  std::string end_reason_;
};

void Connection::Core::start() {
  browser_ = std::make_shared<FlatSession>(weak_from_this(), executor_, FlatSession::Names{});
  sessions_.emplace("", browser_);
  transport_->start({.message =
                         [weak = weak_from_this()](std::string text) {
                           if (const auto self = weak.lock()) self->receive(std::move(text));
                         },
                     .closed =
                         [weak = weak_from_this()](std::string reason) {
                           if (const auto self = weak.lock()) self->close(reason);
                         }});
}

void Connection::Core::close(const std::string& reason) {
  if (closed_) return;
  closed_ = true;
  const auto keep = shared_from_this();
  transport_->close();
  incoming_.clear();
  queued_ = 0;
  const auto sessions = std::move(sessions_);
  sessions_.clear();
  // The browser's own session last: whoever hears of it may take for granted that all others have ended.
  for (auto session = sessions.rbegin(); session != sessions.rend(); ++session) session->second->end(reason);
}

std::int64_t Connection::Core::send(const std::string& session_id, const std::string& method, json params,
                                    Sensitivity sensitivity) {
  const std::int64_t id = ++last_id_;
  json message = {{"id", id}, {"method", method}};
  if (!params.is_null()) message["params"] = std::move(params);
  if (!session_id.empty()) message["sessionId"] = session_id;
  if (sensitivity == Sensitivity::kSecret) {
    transport_->send(secret_text(message, Characters::kAny), sensitivity);
    wipe_strings(message);
  } else {
    // Text from a page may be broken UTF-8; replacing beats ending the run.
    transport_->send(message.dump(-1, ' ', false, json::error_handler_t::replace), sensitivity);
  }
  return id;
}

void Connection::Core::receive(std::string text) {
  if (closed_ || is_console_output(text)) return;
  auto incoming = std::make_shared<Incoming>();
  incoming->text = std::move(text);
  queued_ += incoming->text.size();
  incoming_.push_back(incoming);
  if (incoming->text.size() > kLargeMessage) {
    incoming->in_pool = true;
    boost::asio::post(pool_, [incoming, executor = executor_, weak = weak_from_this()] {
      auto parsed = read_json(incoming->text);
      boost::asio::post(executor, [incoming, weak, parsed = std::move(parsed)]() mutable {
        incoming->parsed = std::move(parsed);
        if (const auto self = weak.lock()) self->drain();
      });
    });
  }
  drain();
  if (closed_ || paused_ || queued_ <= max_queued_) return;
  paused_ = true;
  transport_->pause();
}

// In order: what came behind a large message waits until the pool has read that one.
void Connection::Core::drain() {
  if (draining_) return;
  draining_ = true;
  const auto keep = shared_from_this();
  while (!closed_ && !incoming_.empty()) {
    const auto next = incoming_.front();
    if (!next->parsed) {
      if (next->in_pool) break;
      next->parsed = read_json(next->text);
    }
    incoming_.pop_front();
    queued_ -= next->text.size();
    if (!*next->parsed) {
      log::warn("a message of the browser is {} ({} bytes)", next->parsed->error(), next->text.size());
      close("the browser sent a message that cannot be read");
      break;
    }
    dispatch(std::move(**next->parsed));
  }
  draining_ = false;
  read_on();
}

void Connection::Core::read_on() {
  if (!paused_ || closed_ || queued_ > max_queued_ / 2) return;
  paused_ = false;
  transport_->resume();
}

void Connection::Core::dispatch(json message) {
  const auto id = message.is_object() ? message.find("id") : message.end();
  if (id != message.end() && id->is_number_integer()) return dispatch_reply(std::move(message));
  if (message.is_object() && message.contains("method")) dispatch_event(std::move(message));
}

void Connection::Core::dispatch_reply(json message) {
  const auto id = message["id"].get<std::int64_t>();
  const auto owed = owed_.find(id);
  const auto session = owed == owed_.end() ? nullptr : find(owed->second);
  if (owed != owed_.end()) owed_.erase(owed);
  const auto pending = session ? session->take(id) : nullptr;
  // Posted, or given up on; the answer may hold a secret nevertheless.
  if (!pending) return wipe_strings(message);
  if (const auto error = message.find("error"); error != message.end() && error->is_object()) {
    const auto code = error->find("code");
    const int number = code != error->end() && code->is_number_integer() ? code->get<int>() : 0;
    pending->slot.fail(std::make_exception_ptr(ProtocolError(pending->method, number, text_at(*error, "message"))));
    return;
  }
  const auto result = message.find("result");
  pending->slot.set(result != message.end() && result->is_object() ? std::move(*result) : json::object());
}

void Connection::Core::dispatch_event(json message) {
  const std::string method = text_at(message, "method");
  const auto session = find(text_at(message, "sessionId"));
  if (!session) return;
  const auto found = message.find("params");
  json params = found != message.end() && found->is_object() ? std::move(*found) : json::object();
  if (method == "Target.attachedToTarget") attach(session->id(), params);
  session->deliver(method, params);
  if (method == "Target.detachedFromTarget") end_session(text_at(params, "sessionId"), "the page was closed");
  if (method == "Inspector.targetCrashed") end_session(session->id(), "the page crashed");
}

void Connection::Core::attach(const std::string& parent_id, const json& params) {
  const std::string session_id = text_at(params, "sessionId");
  if (session_id.empty() || sessions_.contains(session_id)) return;
  const auto info = params.find("targetInfo");
  const std::string target_id = info != params.end() && info->is_object() ? text_at(*info, "targetId") : std::string();
  sessions_.emplace(session_id, std::make_shared<FlatSession>(weak_from_this(), executor_,
                                                              FlatSession::Names{session_id, parent_id, target_id}));
}

void Connection::Core::end_session(const std::string& session_id, const std::string& reason) {
  if (session_id.empty()) return;
  const auto found = sessions_.find(session_id);
  if (found == sessions_.end()) return;
  const auto session = std::move(found->second);
  sessions_.erase(found);
  // The browser does not announce the end of what hangs below a page that has ended.
  std::vector<std::string> children;
  for (const auto& [id, other] : sessions_) {
    if (!id.empty() && other->parent_id() == session_id) children.push_back(id);
  }
  for (const std::string& id : children) end_session(id, reason);
  session->end(reason);
}

Connection::Connection(const boost::asio::any_io_executor& executor, boost::asio::thread_pool& pool,
                       std::unique_ptr<transport::Transport> transport, std::size_t max_queued)
    : core_(std::make_shared<Core>(executor, pool, std::move(transport), max_queued)) {
  core_->start();
}

Connection::~Connection() { core_->close("connection closed"); }

std::shared_ptr<Session> Connection::browser() const { return core_->browser(); }
std::shared_ptr<Session> Connection::session(const std::string& session_id) const { return core_->find(session_id); }
void Connection::close(std::string reason) { core_->close(reason); }
bool Connection::closed() const { return core_->closed(); }

}  // namespace totpilot::cdp

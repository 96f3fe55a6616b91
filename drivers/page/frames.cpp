#include "drivers/page/frames.h"

#include <algorithm>

#include "drivers/cdp/bounded_json.h"
#include "drivers/cdp/document.h"
#include "drivers/cdp/target.h"
#include "drivers/page/injected.h"

namespace totpilot::page {
namespace {

constexpr const char* kWorldName = "totpilot";
constexpr const char* kBinding = "totpilotReport";
/// Reports of earlier verbs are of no use to anyone.
constexpr std::size_t kReportsKept = 16;

}  // namespace

Frames::Frames(std::shared_ptr<cdp::Session> page) : page_(std::move(page)), main_frame_(page_->target_id()) {}

/// An event handler that does nothing once we are gone.
template <class Handler>
auto Frames::weakly(Handler handler) {
  return [weak = weak_from_this(), handler = std::move(handler)](auto&&... args) {
    if (const auto self = weak.lock()) handler(*self, std::forward<decltype(args)>(args)...);
  };
}

void Frames::start() { follow(page_); }

void Frames::follow(const std::shared_ptr<cdp::Session>& session) {
  follow_contexts(session);
  follow_frames(session);
  auto& mine = subscriptions_[session.get()];
  mine.push_back(session->on_end(weakly([raw = session.get()](Frames& self, const std::string& why) {
    if (raw == self.page_.get()) {
      self.lost_ = true;
      self.lost_why_ = why;
    }
    self.forget_session(raw);
  })));
  mine.push_back(
      session->on(cdp::target::kAttached, weakly([parent = session.get()](Frames& self, const nlohmann::json& event) {
                    const cdp::target::Attached attached = cdp::target::read_attached(event);
                    const auto child = attached.info.type == "iframe" ? parent->child(attached.session_id) : nullptr;
                    if (child) self.follow(child);
                  })));
  cdp::document::enable(*session);
  cdp::runtime::enable(*session);
  cdp::runtime::add_binding(*session, kBinding, kWorldName);
  cdp::document::add_script(*session, injected::kWorldScript, kWorldName);
  cdp::target::attach_to_frames(*session);
  // The page's own session is let run by whoever attached to it, when it is ready.
  if (session != page_) cdp::runtime::run_if_waiting_for_debugger(*session);
}

void Frames::follow_contexts(const std::shared_ptr<cdp::Session>& session) {
  auto& mine = subscriptions_[session.get()];
  const std::weak_ptr<cdp::Session> weak = session;
  mine.push_back(cdp::runtime::on_context_created(*session, weakly([weak](Frames& self, cdp::runtime::Context context) {
    if (!context.own_world && context.world != kWorldName) return;
    const auto held = weak.lock();
    if (!held || context.frame_id.empty()) return;
    const Key key{context.frame_id, context.own_world ? Whose::kPages : Whose::kOurs};
    self.gone_.erase(context.frame_id);
    self.worlds_[key] = World{held, context.unique_id, context.id, context.frame_id};
    self.stir();
  })));
  mine.push_back(cdp::runtime::on_context_destroyed(
      *session, weakly([raw = session.get()](Frames& self, const std::string& unique_id) {
        std::erase_if(self.worlds_, [&](const auto& each) {
          return each.second.session.get() == raw && each.second.context == unique_id;
        });
        self.stir();
      })));
  mine.push_back(cdp::runtime::on_contexts_cleared(*session, weakly([raw = session.get()](Frames& self) {
    std::erase_if(self.worlds_, [&](const auto& each) { return each.second.session.get() == raw; });
    self.stir();
  })));
  mine.push_back(cdp::runtime::on_binding_called(
      *session, kBinding, weakly([](Frames& self, const std::string& payload) { self.take_report(payload); })));
}

void Frames::follow_frames(const std::shared_ptr<cdp::Session>& session) {
  auto& mine = subscriptions_[session.get()];
  mine.push_back(cdp::document::on_frame_navigated(
      *session, weakly([raw = session.get()](Frames& self, cdp::document::Frame frame) {
        if (raw != self.page_.get() || !frame.parent_id.empty()) return;
        self.main_frame_ = frame.id;
        self.url_ = frame.url;
        self.stir();
      })));
  mine.push_back(cdp::document::on_navigated_within(*session, weakly([](Frames& self, cdp::document::Frame frame) {
    if (frame.id == self.main_frame_) self.url_ = frame.url;
    ++self.loads_ended_[frame.id];
    self.stir();
  })));
  mine.push_back(cdp::document::on_frame_detached(*session, weakly([](Frames& self, std::string frame_id) {
    std::erase_if(self.worlds_, [&](const auto& each) { return each.first.frame_id == frame_id; });
    self.loads_ended_.erase(frame_id);
    self.gone_.insert(std::move(frame_id));
    self.stir();
  })));
  mine.push_back(cdp::document::on_stopped_loading(*session, weakly([](Frames& self, const std::string& frame_id) {
    ++self.loads_ended_[frame_id];
    self.stir();
  })));
}

void Frames::forget_session(const cdp::Session* session) {
  std::erase_if(worlds_, [&](const auto& each) { return each.second.session.get() == session; });
  stir();
}

ClickReport& Frames::report_of(std::int64_t click) {
  const auto found = std::ranges::find(clicks_, click, &std::pair<std::int64_t, ClickReport>::first);
  if (found != clicks_.end()) return found->second;
  if (clicks_.size() == kReportsKept) clicks_.pop_front();
  return clicks_.emplace_back(click, ClickReport{}).second;
}

void Frames::take_report(const std::string& payload) {
  const auto report = cdp::read_json(payload);
  if (!report || !report->is_object()) return;
  const auto flag = [&](const char* name) { return report->value(name, nlohmann::json(false)) == true; };
  if (const auto click = report->find("click"); click != report->end() && click->is_number_integer()) {
    ClickReport& state = report_of(click->get<std::int64_t>());
    state.leaving |= flag("leaving");
    if (report->contains("landed")) (flag("landed") ? state.landed : state.swallowed) = true;
    if (const std::string why = cdp::text_or(*report, "why"); !why.empty()) state.why = why;
  } else if (const auto fill = report->find("fill"); fill != report->end() && fill->is_number_integer()) {
    fills_[fill->get<std::int64_t>()] =
        cdp::text_or(*report, "stage") == "typed" ? FillStage::kTyped : FillStage::kTyping;
    if (fills_.size() > kReportsKept) fills_.erase(fills_.begin());
  }
  stir();
}

ClickReport Frames::click_report(std::int64_t click) const {
  const auto found = std::ranges::find(clicks_, click, &std::pair<std::int64_t, ClickReport>::first);
  return found == clicks_.end() ? ClickReport{} : found->second;
}

FillStage Frames::fill_stage(std::int64_t fill) const {
  const auto found = fills_.find(fill);
  return found == fills_.end() ? FillStage::kNone : found->second;
}

void Frames::throw_if_lost() const {
  if (lost_) throw Failure(Outcome::kBrowserLost, lost_why_.empty() ? "the page is gone" : lost_why_);
}

void Frames::note_address(const World& world, std::string url) {
  if (world.frame_id == main_frame_) url_ = std::move(url);
}

std::uint64_t Frames::loads_ended(const std::string& frame_id) const {
  const auto found = loads_ended_.find(frame_id);
  return found == loads_ended_.end() ? 0 : found->second;
}

World Frames::current(const std::string& frame_id, Whose whose) const {
  const auto found = worlds_.find(Key{frame_id, whose});
  return found == worlds_.end() ? World{} : found->second;
}

void Frames::discard(const World& world) {
  std::erase_if(worlds_, [&](const auto& each) { return each.second.context == world.context; });
}

task<World> Frames::world(std::string frame_id, Whose whose, Deadline deadline) {
  const auto keep = shared_from_this();
  for (;;) {
    throw_if_lost();
    if (gone_.contains(frame_id)) throw FrameGone{};
    if (World found = current(frame_id, whose); found.session) co_return found;
    if (!co_await change(deadline)) throw Failure(Outcome::kTimedOut, "the page did not come up in time");
  }
}

task<bool> Frames::change(Deadline deadline) {
  const auto slot = std::make_shared<ReplySlot<bool>>(co_await boost::asio::this_coro::executor);
  waiting_.push_back(slot);
  try {
    co_return co_await slot->wait(deadline, "a change of the page");
  } catch (const Failure&) {
    co_return false;
  }
}

void Frames::stir() {
  const auto waiting = std::move(waiting_);
  waiting_.clear();
  for (const auto& each : waiting) {
    if (const auto slot = each.lock()) slot->set(true);
  }
}

}  // namespace totpilot::page

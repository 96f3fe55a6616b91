#pragma once
// Frames: what a page's frames are and in which world of which process each can be asked. Follows the protocol's
// events; owned by a Page, kept alive by nothing else. Browser io_context only.
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "agent/base/async.h"
#include "drivers/cdp/runtime.h"
#include "drivers/cdp/session.h"

namespace totpilot::page {

/// Our isolated world (or the page's own) in one document of one frame. A call into it fails once that document is
/// gone.
struct World {
  std::shared_ptr<cdp::Session> session;
  std::string context;  // unique id
  int context_id = 0;
  std::string frame_id;
};

/// The frame does not exist any more; whoever found it finds it again.
struct FrameGone {};

enum class Whose { kOurs, kPages };

/// What our world reported of a click or a fill, by the binding.
struct ClickReport {
  bool landed = false;
  bool swallowed = false;
  bool leaving = false;  // a navigation to another document has begun
  std::string why;
};
enum class FillStage { kNone, kTyping, kTyped };

class Frames : public std::enable_shared_from_this<Frames> {
 public:
  explicit Frames(std::shared_ptr<cdp::Session> page);
  /// Subscribes, and posts what the page's session needs.
  void start();

  cdp::Session& page() { return *page_; }
  const std::string& main_frame() const { return main_frame_; }
  /// The main frame's address as last seen.
  const std::string& url() const { return url_; }
  /// Has the page itself ended? Throws browser_lost, with the reason.
  void throw_if_lost() const;
  bool lost() const { return lost_; }

  /// The frame's world, as soon as its document has one. Throws FrameGone, browser_lost, or timed_out.
  task<World> world(std::string frame_id, Whose whose, Deadline deadline);
  /// The same if there is one now; else its session is null.
  World current(const std::string& frame_id, Whose whose) const;
  /// Its document is gone, whether or not the event came already.
  void discard(const World& world);

  /// Resolves at the next thing that happens to any frame, or with a report; false when the deadline came first.
  task<bool> change(Deadline deadline);
  /// What a document says of itself: Chrome tells nothing of a first navigation that began while the page still stood
  /// still.
  void note_address(const World& world, std::string url);

  /// Counts the frame's ended loads, and its navigations within the document.
  std::uint64_t loads_ended(const std::string& frame_id) const;

  ClickReport click_report(std::int64_t click) const;
  FillStage fill_stage(std::int64_t fill) const;

 private:
  struct Key {
    std::string frame_id;
    Whose whose;
    auto operator<=>(const Key&) const = default;
  };

  void follow(const std::shared_ptr<cdp::Session>& session);
  void follow_contexts(const std::shared_ptr<cdp::Session>& session);
  void follow_frames(const std::shared_ptr<cdp::Session>& session);
  ClickReport& report_of(std::int64_t click);
  void take_report(const std::string& payload);
  void forget_session(const cdp::Session* session);
  void stir();
  template <class Handler>
  auto weakly(Handler handler);

  std::shared_ptr<cdp::Session> page_;
  std::string main_frame_;
  std::string url_ = "about:blank";
  bool lost_ = false;
  std::string lost_why_;
  std::map<std::string, std::uint64_t> loads_ended_;
  std::map<Key, World> worlds_;
  std::set<std::string> gone_;                               // detached frames
  std::deque<std::pair<std::int64_t, ClickReport>> clicks_;  // as they came: each document counts from elsewhere
  std::map<std::int64_t, FillStage> fills_;
  std::vector<std::weak_ptr<ReplySlot<bool>>> waiting_;
  std::map<const cdp::Session*, std::vector<cdp::Subscription>> subscriptions_;
};

}  // namespace totpilot::page

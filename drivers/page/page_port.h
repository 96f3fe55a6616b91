#pragma once
// Page: the page port over Chrome. Its verbs lie in files of their own: visit.cpp, act.cpp, secret.cpp, waits.cpp,
// look.cpp, receive.cpp. Owned by the session port; its coroutines must have ended before it does. Browser io_context
// only.
#include "drivers/page/asker.h"
#include "drivers/page/page.h"

namespace totpilot::page {

class Page final : public browser::PagePort {
 public:
  Page(std::shared_ptr<cdp::Session> session, PageOptions options);

  task<browser::Arrival> open(std::string url, Deadline deadline) override;
  std::string url() const override { return frames_->url(); }
  task<std::size_t> wait_for(std::vector<browser::Condition> any, Deadline deadline) override;

  task<void> click(browser::Locator target, Deadline deadline) override;
  task<bool> click_if_there(browser::Locator target, Deadline deadline) override;
  task<void> fill(browser::Locator target, std::string text, Deadline deadline) override;
  task<void> fill_secret(browser::Locator target, browser::SecretSupplier supplier, Deadline deadline) override;
  task<void> set_checked(browser::Locator target, browser::Checked wanted, Deadline deadline) override;
  task<void> select(browser::Locator target, std::string option, Deadline deadline) override;
  task<void> press(std::string key, std::optional<browser::Locator> target, Deadline deadline) override;
  task<void> upload(browser::Locator target, std::string path, Deadline deadline) override;

  task<std::vector<browser::Reading>> read(std::optional<browser::Locator> scope, Deadline deadline) override;
  task<std::vector<browser::Picture>> pictures(std::optional<browser::Locator> scope, Deadline deadline) override;
  task<browser::Reading> receive(browser::Locator button, browser::Handout handout, Deadline deadline) override;

  task<std::optional<browser::ServerTime>> server_time(Deadline deadline) override;
  task<browser::Evidence> evidence(browser::Pictures pictures, Deadline deadline) override;

 private:
  struct InFrame {
    Answer answer;
    FrameRef frame;
  };

  /// Asks about a target in the frame it lies in; finds the frame again when it is replaced meanwhile.
  task<InFrame> ask_about(browser::Locator target, Question question, Deadline deadline);
  /// The alternative of an any_of that spans frames which shows first; other targets as they are.
  task<browser::Locator> settled(browser::Locator target, Deadline deadline);

  // waits.cpp
  task<void> wait_until_holds(browser::Condition condition, Deadline deadline);
  task<bool> holds_now(browser::Condition condition, Deadline deadline);

  // act.cpp
  task<void> press_on(browser::Locator target, std::string doing, Deadline deadline);
  task<std::string> press_once(InFrame prepared, Deadline deadline);
  task<void> settle_navigation(World before, std::uint64_t loads, Deadline deadline);

  // secret.cpp
  enum class Filled { kYes, kNothingTyped };
  task<Filled> fill_held(Answer located, browser::BoundSecret secret, std::string says, Deadline deadline);

  // look.cpp
  task<std::optional<browser::Picture>> picture_of(InFrame found, nlohmann::json picture, Deadline deadline);
  task<std::string> masked_picture(Deadline deadline);

  // receive.cpp
  task<browser::Reading> receive_trapped(browser::Locator button, browser::Handout handout, Deadline deadline);

  std::shared_ptr<Frames> frames_;  // shared with event handlers that may still be on their way
  PageOptions options_;
  Asker asker_;
  std::int64_t last_fill_ = 0;
};

}  // namespace totpilot::page

#pragma once
// ChromeSession: the session port over one browser: its context's pages, popups, dialogs, downloads and storage state.
// Owns the browser; destroying the session ends it. Browser io_context only.
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "agent/base/clock.h"
#include "agent/browser/browser_port.h"
#include "drivers/cdp/target.h"
#include "drivers/chrome/basic_auth.h"
#include "drivers/chrome/prepared_browser.h"
#include "drivers/chrome/visited_origins.h"
#include "drivers/page/downloads.h"

namespace totpilot::chrome {

class ChromeSession final : public browser::SessionPort {
 public:
  struct Parts {
    std::unique_ptr<Browser> browser;
    PreparedPage first_page;
    browser::SessionOptions options;
    const Clock* clock = nullptr;     // must outlive the session
    std::function<void()> when_over;  // called by the destructor, when the browser is gone
    Deadline deadline;                // for what start() waits for
  };

  explicit ChromeSession(Parts parts);
  ~ChromeSession() override;

  /// Waits until what may fail of the options has been taken by the browser (invalid_input). Before anything else.
  task<void> start(Deadline deadline);

  browser::PagePort& page() override;
  task<void> follow_new_page(Deadline deadline) override;
  task<void> return_to_first_page(Deadline deadline) override;
  void answer_dialogs(browser::DialogAnswer answer) override { dialog_answer_ = answer; }
  task<Secret> export_state(Deadline deadline) override;
  task<void> import_state(const Secret& state, Deadline deadline) override;
  task<void> close(Deadline deadline) override;

  /// For tests and diagnosis.
  Browser& browser() { return *browser_; }
  const std::shared_ptr<cdp::Session>& protocol() const { return tabs_.at(current_).session; }

 private:
  struct Tab {
    std::shared_ptr<cdp::Session> session;
    std::unique_ptr<browser::PagePort> port;
    std::unique_ptr<BasicAuthAnswers> basic_auth;
    cdp::Subscription dialogs;
  };

  void opened(const cdp::target::Attached& attached);
  void adopt(std::shared_ptr<cdp::Session> session);
  void answer_dialog(cdp::Session& page, const std::string& type) const;
  task<std::shared_ptr<cdp::Session>> spare_page(Deadline deadline);
  /// The newest open tab behind the current one.
  std::optional<std::size_t> newer_tab() const;

  std::unique_ptr<Browser> browser_;
  std::string context_;
  browser::SessionOptions options_;
  const Clock* clock_;
  std::function<void()> when_over_;
  Deadline start_by_;
  std::shared_ptr<page::Downloads> downloads_;
  std::unique_ptr<VisitedOrigins> origins_;
  std::vector<Tab> tabs_;  // in the order they opened; the first page first
  std::size_t current_ = 0;
  // While a spare page of our own opens: what else opened meanwhile, standing still.
  std::optional<std::vector<std::shared_ptr<cdp::Session>>> deferred_;
  std::optional<browser::DialogAnswer> dialog_answer_;
  std::shared_ptr<ReplySlot<bool>> next_tab_;  // while follow_new_page() waits
  std::vector<task<void>> settings_;           // sent, to be awaited by start()
  cdp::Subscription attached_;
  cdp::Subscription ended_;
};

}  // namespace totpilot::chrome

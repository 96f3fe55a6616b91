#pragma once
// PageTest: a page port over a real Chrome. The browser, the site and the tab are shared by the tests of the program:
// each begins on a blank document, since nothing of a document outlives it, and a tab that a test failed on or lost is
// not used again (a tab of its own for each would cost a process each, half of the time).
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "agent/browser/page_port.h"
#include "drivers/cdp/browser.h"
#include "drivers/cdp/document.h"
#include "drivers/cdp/emulation.h"
#include "drivers/cdp/runtime.h"
#include "drivers/page/page.h"
#include "tests/unit/chrome/chrome_for_tests.h"
#include "tests/unit/page/site.h"

namespace totpilot::tests {

inline browser::Locator by(browser::Locator::Kind kind, std::string text = {}) {
  browser::Locator locator;
  locator.kind = kind;
  if (!text.empty()) locator.texts = {std::move(text)};
  return locator;
}
inline browser::Locator css(std::string selector) {
  browser::Locator locator = by(browser::Locator::Kind::kCss);
  locator.css = std::move(selector);
  return locator;
}
inline browser::Locator role(std::string kind, std::string name = {}) {
  browser::Locator locator = by(browser::Locator::Kind::kRole, std::move(name));
  locator.role = std::move(kind);
  return locator;
}
inline browser::Locator field(browser::FieldKind kind) {
  browser::Locator locator = by(browser::Locator::Kind::kField);
  locator.field = kind;
  return locator;
}
inline std::shared_ptr<const browser::Locator> shared(browser::Locator locator) {
  return std::make_shared<browser::Locator>(std::move(locator));
}
inline browser::Locator submit_of(browser::Locator of) {
  browser::Locator locator = by(browser::Locator::Kind::kSubmitOf);
  locator.of = shared(std::move(of));
  return locator;
}
inline browser::Locator in_frame(browser::Locator locator, std::string frame) {
  locator.frame = shared(css(std::move(frame)));
  return locator;
}
inline browser::Condition shows(browser::Locator locator) {
  return {.shows = std::move(locator), .hides = {}, .url = {}};
}
inline browser::Condition hides(browser::Locator locator) {
  return {.shows = {}, .hides = std::move(locator), .url = {}};
}
inline browser::Condition at(std::string url) { return {.shows = {}, .hides = {}, .url = std::move(url)}; }

inline Deadline soon() { return Deadline::after(std::chrono::seconds(20)); }
/// For what must fail on a page that stands still: it is looked at least once, however slow the machine is.
inline Deadline shortly() { return Deadline::after(std::chrono::milliseconds(300)); }

class PageTest : public testing::Test {
 protected:
  static ChromeForTests& chrome() {
    static ChromeForTests* shared_chrome = [] {
      auto* made = new ChromeForTests();
      static const struct Ender {
        ChromeForTests* browser;
        ~Ender() { delete browser; }
      } ender{made};
      cdp::browser::allow_downloads(*made->browser().session(), made->browser_context(),
                                    made->browser().downloads().as_it_sees_it);
      return made;
    }();
    return *shared_chrome;
  }
  struct Tab;
  static std::unique_ptr<Tab>& tab() {
    // Made after the browser, so that it ends before.
    static std::unique_ptr<Tab> shared_tab = (chrome(), nullptr);
    return shared_tab;
  }
  static Site& site() {
    static Site shared_site;
    return shared_site;
  }

  void SetUp() override {
    if (!tab()) tab() = std::make_unique<Tab>();
    session_ = tab()->session;
  }

  void TearDown() override {
    if (HasFailure() || session_->ended() || !tab()->is_blank_again()) tab().reset();
  }

  browser::PagePort& page() { return *tab()->page; }

  template <class T>
  T run(task<T> work) {
    return chrome().run(std::move(work));
  }

  void open(const std::string& path) {
    run(page().open(path.starts_with("http") ? path : site().origin() + path, soon()));
  }
  void click(browser::Locator target) { run(page().click(std::move(target), soon())); }
  void fill(browser::Locator target, std::string text) { run(page().fill(std::move(target), std::move(text), soon())); }

  browser::SecretSupplier secret(browser::SecretKind kind, std::string value, std::vector<std::string> pins = {}) {
    if (pins.empty()) pins.push_back(site().origin());
    return [this, kind, value, pins]() -> task<browser::BoundSecret> {
      ++supplied_;
      std::vector<Origin> origins;
      for (const std::string& pin : pins) origins.push_back(*Origin::parse(pin));
      co_return browser::BoundSecretForTests::make(kind, value, std::move(origins));
    };
  }
  void fill_password(browser::Locator target, std::string value) {
    run(page().fill_secret(std::move(target), secret(browser::SecretKind::kPassword, std::move(value)), soon()));
  }
  void fill_code(browser::Locator target, std::string value) {
    run(page().fill_secret(std::move(target), secret(browser::SecretKind::kCode, std::move(value)), soon()));
  }

  /// The visible text of an element (of the page itself), as the page port reads it.
  std::string text_of(browser::Locator target) {
    const auto readings = run(page().read(std::move(target), soon()));
    for (const auto& reading : readings) {
      if (reading.kind == browser::Reading::Kind::kText) return std::string(reading.content.reveal());
    }
    return {};
  }
  /// What the test page wrote down.
  std::string log() { return text_of(css("#log")); }
  std::string log_in(const std::string& frame) {
    auto target = css("#log");
    target.frame = shared(css(frame));
    return text_of(std::move(target));
  }
  void wait_for_log(const std::string& line) {
    auto shown = css("#log");
    shown.has_text = line;
    run(page().wait_for({shows(shown)}, soon()));
  }

  /// The failure that `work` ends with.
  template <class T>
  Failure failure_of(task<T> work) {
    try {
      run(std::move(work));
    } catch (const Failure& failure) {
      return failure;
    }
    ADD_FAILURE() << "it did not fail";
    return Failure(Outcome::kOk, "");
  }

  /// All there is of one page.
  struct Tab {
    Tab() {
      auto& browser = chrome().browser();
      downloads = std::make_shared<page::Downloads>(*browser.session(), browser.downloads().as_we_see_it);
      // Popups stand still until somebody takes them up, and so does their opener; here nobody else does.
      popups = browser.session()->on(cdp::target::kAttached, [](const nlohmann::json& event) {
        const auto attached = cdp::target::read_attached(event);
        const auto popup = chrome().browser().connection().session(attached.session_id);
        if (popup && !attached.info.opener.empty()) cdp::runtime::run_if_waiting_for_debugger(*popup);
      });
      session = chrome().page();
      page = page::make_page(session, {.base_url = site().origin(),
                                       .test_id_attribute = "data-testid",
                                       .downloads = downloads,
                                       .clock = clock.get()});
      cdp::emulation::keep_focus(*session);
      cdp::runtime::run_if_waiting_for_debugger(*session);
    }
    ~Tab() {
      page.reset();
      chrome().run(cdp::target::close_page(*chrome().browser().session(), session->target_id(), soon()));
    }
    Tab(const Tab&) = delete;
    Tab& operator=(const Tab&) = delete;

    /// Leaves the document of the last test; false when that does not want to be left.
    bool is_blank_again() {
      try {
        return chrome().run(cdp::document::navigate(*session, "about:blank", soon())).error.empty();
      } catch (const std::exception&) {
        return false;
      }
    }

    std::unique_ptr<Clock> clock = make_clock();
    std::shared_ptr<page::Downloads> downloads;
    std::shared_ptr<cdp::Session> session;
    cdp::Subscription popups;
    std::unique_ptr<browser::PagePort> page;
  };

  int supplied_ = 0;
  std::shared_ptr<cdp::Session> session_;
};

}  // namespace totpilot::tests

#include "tests/fakes/fake_browser.h"

#include "agent/base/failure.h"

namespace totpilot::fakes {
namespace {

using browser::Condition;
using browser::Locator;

class FakePagePort final : public browser::PagePort {
 public:
  FakePagePort(FakeBrowser& browser, bool& lost) : browser_(browser), lost_(lost) {}

  task<browser::Arrival> open(std::string url, Deadline) override {
    browser_.before("open " + url, lost_);
    std::string path = url.starts_with(FakeApp::kOrigin) ? url.substr(std::string(FakeApp::kOrigin).size()) : url;
    if (path.empty()) path = "/";
    app().open(visit_, path);
    browser_.after(lost_);
    co_return browser::Arrival{200, FakeApp::kOrigin + visit_.path};
  }

  std::string url() const override { return FakeApp::kOrigin + visit_.path; }

  task<std::size_t> wait_for(std::vector<Condition> any, Deadline) override {
    browser_.before("wait_for", lost_);
    const FakePage page = app().render(visit_);
    browser_.after(lost_);
    for (std::size_t i = 0; i < any.size(); ++i)
      if (holds(page, any[i])) co_return i;
    throw Failure(Outcome::kPageChanged, "none of the conditions holds");
  }

  task<void> click(Locator target, Deadline) override {
    browser_.before("click " + to_string(target), lost_);
    app().press(visit_, only(target).id);
    browser_.after(lost_);
    co_return;
  }

  task<bool> click_if_there(Locator target, Deadline) override {
    browser_.before("click_if_there", lost_);
    const FakePage page = app().render(visit_);
    const auto found = matches(page, target);
    if (found.size() == 1) app().press(visit_, page.elements[found.front()].id);
    browser_.after(lost_);
    co_return found.size() == 1;
  }

  task<void> fill(Locator target, std::string text, Deadline) override {
    browser_.before("fill " + to_string(target), lost_);
    app().set(visit_, only(target).id, std::move(text));
    browser_.after(lost_);
    co_return;
  }

  task<void> fill_secret(Locator target, browser::SecretSupplier supplier, Deadline) override {
    browser_.before("fill_secret " + to_string(target), lost_);
    const Element element = only(target);
    const browser::BoundSecret secret = co_await supplier();
    browser_.after(lost_);
    // Between the making of a secret and its typing is a moment of its own.
    browser_.before("type_secret", lost_);
    const bool pinned =
        std::ranges::any_of(secret.pins(), [](const Origin& pin) { return pin.text() == FakeApp::kOrigin; });
    const bool into_password = element.field == browser::FieldKind::kPassword;
    if (!pinned || (secret.kind() == browser::SecretKind::kPassword) != into_password) {
      ++app().ledger.foreign_secrets;
      throw Failure(Outcome::kOriginBlocked, "a secret in the wrong place");
    }
    app().set(visit_, element.id, std::string(secret.value().reveal()));
    browser_.after(lost_);
  }

  task<void> set_checked(Locator target, browser::Checked wanted, Deadline) override {
    browser_.before("set_checked", lost_);
    visit_.saved_ticked = only(target).id == "saved" && wanted == browser::Checked::kYes;
    browser_.after(lost_);
    co_return;
  }

  task<void> select(Locator, std::string, Deadline) override { co_return; }
  task<void> press(std::string, std::optional<Locator>, Deadline) override { co_return; }
  task<void> upload(Locator, std::string, Deadline) override { co_return; }

  task<std::vector<browser::Reading>> read(std::optional<Locator> scope, Deadline) override {
    browser_.before("read", lost_);
    const FakePage page = app().render(visit_);
    std::vector<browser::Reading> readings;
    for (const Element& element : in_scope(page, scope))
      if (!element.text.empty())
        readings.push_back({browser::Reading::Kind::kText, "#" + element.id, Secret::copy_of(element.text)});
    browser_.after(lost_);
    co_return readings;
  }

  task<std::vector<browser::Picture>> pictures(std::optional<Locator> scope, Deadline) override {
    browser_.before("pictures", lost_);
    const FakePage page = app().render(visit_);
    std::vector<browser::Picture> pictures;
    for (const Element& element : in_scope(page, scope))
      if (!element.uri.empty()) pictures.push_back({"#" + element.id, Secret::copy_of(element.uri)});
    browser_.after(lost_);
    co_return pictures;
  }

  task<browser::Reading> receive(Locator button, browser::Handout, Deadline) override {
    browser_.before("receive", lost_);
    (void)only(button);
    browser::Reading reading{browser::Reading::Kind::kDownload, "the download", Secret(app().handed_out())};
    browser_.after(lost_);
    co_return reading;
  }

  task<std::optional<browser::ServerTime>> server_time(Deadline) override {
    browser_.before("server_time", lost_);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(app().now());
    browser_.after(lost_);
    co_return browser::ServerTime{TimePoint(seconds), std::chrono::milliseconds(2), app().now() - app().manners.skew};
  }

  task<browser::Evidence> evidence(browser::Pictures pictures, Deadline) override {
    if (lost_) co_return browser::Evidence{};
    const FakePage page = app().render(visit_);
    std::string outline;
    for (const Element& element : page.elements)
      outline += element.role + " \"" + (element.name.empty() ? element.text : element.name) + "\"\n";
    co_return browser::Evidence{url(), page.title, outline, pictures == browser::Pictures::kTake ? "picture" : ""};
  }

 private:
  FakeApp& app() { return browser_.app(); }

  Element only(const Locator& target) {
    const FakePage page = app().render(visit_);
    const auto found = matches(page, target);
    if (found.size() != 1)
      throw Failure(Outcome::kPageChanged, fmt::format("{} elements match {}", found.size(), to_string(target)));
    return page.elements[found.front()];
  }

  static std::vector<Element> in_scope(const FakePage& page, const std::optional<Locator>& scope) {
    if (!scope) return page.elements;
    std::vector<Element> inside;
    const auto around = matches(page, *scope);
    if (around.empty()) throw Failure(Outcome::kPageChanged, "nothing matches " + to_string(*scope));
    const std::string& id = page.elements[around.front()].id;
    for (const Element& element : page.elements)
      if (element.id == id || element.inside == id) inside.push_back(element);
    return inside;
  }

  FakeBrowser& browser_;
  bool& lost_;
  Visit visit_;
};

}  // namespace

class FakeSession final : public browser::SessionPort {
 public:
  explicit FakeSession(FakeBrowser& browser) : browser_(browser), page_(browser, lost_) { ++browser_.open_sessions_; }
  ~FakeSession() override { --browser_.open_sessions_; }

  browser::PagePort& page() override { return page_; }
  task<void> follow_new_page(Deadline) override { co_return; }
  task<void> return_to_first_page(Deadline) override { co_return; }
  void answer_dialogs(browser::DialogAnswer) override {}
  task<Secret> export_state(Deadline) override {
    browser_.before("export_state", lost_);
    browser_.after(lost_);
    co_return Secret(std::string(R"({"cookies":[],"origins":[]})"));
  }
  task<void> import_state(const Secret&, Deadline) override { co_return; }
  task<void> close(Deadline) override {
    browser_.before("close", lost_);
    browser_.after(lost_);
    co_return;
  }

 private:
  FakeBrowser& browser_;
  bool lost_ = false;
  FakePagePort page_;
};

task<std::unique_ptr<browser::SessionPort>> FakeBrowser::lease(browser::SessionOptions, Deadline) {
  bool lost = false;
  before("lease", lost);
  auto session = std::make_unique<FakeSession>(*this);
  after(lost);
  co_return session;
}

void FakeBrowser::before(const std::string& call, bool& lost) {
  ++calls_;
  log_.push_back(call);
  if (lost) throw Failure(Outcome::kBrowserLost, "the fake browser is gone");
  if (!trouble_) return;
  const bool due = calls_ == trouble_->at;
  const bool still = trouble_->for_good && calls_ > trouble_->at;
  if (still || (due && trouble_->kind == Trouble::Kind::kLostBefore)) {
    lost = true;
    struck_ = true;
    throw Failure(Outcome::kBrowserLost, "the fake browser went away");
  }
}

void FakeBrowser::after(bool& lost) {
  if (!trouble_ || calls_ != trouble_->at) return;
  struck_ = true;
  if (trouble_->kind == Trouble::Kind::kHangsAfter) throw Failure(Outcome::kTimedOut, "the fake page does not answer");
  lost = true;
  throw Failure(Outcome::kBrowserLost, "the fake browser went away");
}

}  // namespace totpilot::fakes

#include "drivers/chrome/chrome_session.h"

#include "agent/base/log.h"
#include "drivers/cdp/dialog.h"
#include "drivers/cdp/emulation.h"
#include "drivers/cdp/runtime.h"
#include "drivers/cdp/target.h"
#include "drivers/chrome/refusal.h"
#include "drivers/chrome/storage_state.h"
#include "drivers/page/page.h"

namespace totpilot::chrome {
namespace {

/// "de-DE" as ICU writes it.
std::string icu_locale(std::string language) {
  std::ranges::replace(language, '-', '_');
  return language;
}

}  // namespace

ChromeSession::ChromeSession(Parts parts)
    : browser_(std::move(parts.browser)),
      context_(std::move(parts.first_page.context)),
      options_(std::move(parts.options)),
      clock_(parts.clock),
      when_over_(std::move(parts.when_over)),
      start_by_(parts.deadline),
      downloads_(std::make_shared<page::Downloads>(*browser_->session(), browser_->downloads().as_we_see_it)),
      origins_(std::make_unique<VisitedOrigins>(browser_->connection())) {
  attached_ = browser_->session()->on(
      cdp::target::kAttached, [this](const nlohmann::json& event) { opened(cdp::target::read_attached(event)); });
  ended_ = browser_->session()->on_end([this](const std::string& reason) {
    if (next_tab_) next_tab_->fail(std::make_exception_ptr(Failure(Outcome::kBrowserLost, reason)));
  });
  adopt(std::move(parts.first_page.session));
}

ChromeSession::~ChromeSession() {
  attached_ = {};
  ended_ = {};
  tabs_.clear();
  origins_.reset();
  downloads_.reset();
  browser_.reset();
  if (when_over_) when_over_();
}

task<void> ChromeSession::start(Deadline deadline) {
  auto settings = std::move(settings_);
  settings_.clear();
  try {
    for (auto& setting : settings) co_await std::move(setting);
  } catch (const cdp::ProtocolError&) {
    throw Failure(Outcome::kInvalidInput, "the browser refuses the language or user agent it was given");
  }
  if (tabs_.front().basic_auth)
    co_await not_refused(tabs_.front().basic_auth->start(deadline), "to ask for a password");
}

void ChromeSession::opened(const cdp::target::Attached& attached) {
  if (attached.info.type != "page" || attached.info.context != context_) return;
  auto session = browser_->connection().session(attached.session_id);
  if (!session) return;
  if (deferred_) return deferred_->push_back(std::move(session));
  adopt(std::move(session));
}

// Everything here leaves in one write, and the page stands still until the last of it.
void ChromeSession::adopt(std::shared_ptr<cdp::Session> session) {
  Tab tab;
  tab.session = session;
  tab.dialogs = cdp::dialog::on_opening(
      *session, [this, raw = session.get()](const std::string& type) { answer_dialog(*raw, type); });
  origins_->watch(session);
  tab.port = page::make_page(session, {.base_url = options_.base_url,
                                       .test_id_attribute = options_.test_id_attribute,
                                       .downloads = downloads_,
                                       .clock = clock_});
  cdp::emulation::keep_focus(*session);
  const bool first = tabs_.empty();
  // Also where the page was made that large: in a headed browser that is the window's size, its frame included.
  if (first) cdp::emulation::set_viewport(*session, options_.width, options_.height);
  if (!options_.language.empty() || !options_.user_agent.empty()) {
    auto identity = cdp::emulation::set_identity(
        *session,
        {.user_agent = options_.user_agent.empty() ? browser_->user_agent() : options_.user_agent,
         .accept_language = options_.language},
        start_by_);
    if (first) settings_.push_back(std::move(identity));
    if (!options_.language.empty()) {
      auto locale = cdp::emulation::set_locale(*session, icu_locale(options_.language), start_by_);
      if (first) settings_.push_back(std::move(locale));
    }
  }
  // Popups are not covered: a page of the app that asks for a password there gets none.
  if (first && options_.basic_auth) {
    tab.basic_auth = std::make_unique<BasicAuthAnswers>(session, *options_.basic_auth, options_.base_url);
  }
  cdp::runtime::run_if_waiting_for_debugger(*session);
  tabs_.push_back(std::move(tab));
  if (!first && next_tab_) next_tab_->set(true);
}

void ChromeSession::answer_dialog(cdp::Session& page, const std::string& type) const {
  const bool informs = type == "alert" || type == "beforeunload";
  const auto otherwise = informs ? browser::DialogAnswer::kAccept : browser::DialogAnswer::kDismiss;
  const bool accept = dialog_answer_.value_or(otherwise) == browser::DialogAnswer::kAccept;
  log::debug("a dialog ({}) is {}", type, accept ? "accepted" : "dismissed");
  cdp::dialog::answer(page, accept ? cdp::dialog::Answer::kAccept : cdp::dialog::Answer::kDismiss);
}

browser::PagePort& ChromeSession::page() { return *tabs_.at(current_).port; }

std::optional<std::size_t> ChromeSession::newer_tab() const {
  for (std::size_t at = tabs_.size(); at-- > current_ + 1;) {
    if (!tabs_[at].session->ended()) return at;
  }
  return std::nullopt;
}

task<void> ChromeSession::follow_new_page(Deadline deadline) {
  std::optional<std::size_t> newer = newer_tab();
  if (!newer) {
    const auto executor = co_await boost::asio::this_coro::executor;
    next_tab_ = std::make_shared<ReplySlot<bool>>(executor);
    const auto slot = next_tab_;
    try {
      co_await slot->wait(deadline, "a new tab or popup");
    } catch (const Failure& failure) {
      next_tab_ = nullptr;
      if (failure.code() != Outcome::kTimedOut) throw;
      throw Failure(Outcome::kPageChanged, "no new tab or popup opened");
    }
    next_tab_ = nullptr;
    newer = newer_tab();
    if (!newer) throw Failure(Outcome::kPageChanged, "the new tab or popup closed at once");
  }
  current_ = *newer;
}

task<void> ChromeSession::return_to_first_page(Deadline deadline) {
  current_ = 0;
  std::vector<Tab> others;
  std::move(tabs_.begin() + 1, tabs_.end(), std::back_inserter(others));
  tabs_.erase(tabs_.begin() + 1, tabs_.end());
  std::vector<task<void>> closing;
  for (const Tab& tab : others) {
    if (!tab.session->ended())
      closing.push_back(cdp::target::close_page(*browser_->session(), tab.session->target_id(), deadline));
  }
  for (auto& closed : closing) {
    try {
      co_await std::move(closed);
    } catch (const cdp::ProtocolError&) {
      continue;  // it closed by itself meanwhile
    }
  }
}

task<std::shared_ptr<cdp::Session>> ChromeSession::spare_page(Deadline deadline) {
  deferred_.emplace();
  std::shared_ptr<cdp::Session> spare;
  std::exception_ptr error;
  try {
    spare = co_await open_page(browser_->session(), context_, deadline);
  } catch (...) {
    error = std::current_exception();
  }
  const auto opened = std::exchange(deferred_, std::nullopt);
  for (const auto& session : *opened) {
    if (session != spare) adopt(session);
  }
  if (error) std::rethrow_exception(error);
  co_return spare;
}

task<Secret> ChromeSession::export_state(Deadline deadline) {
  auto work = export_storage_state({.browser = browser_->session(),
                                    .context = context_,
                                    .origins = *origins_,
                                    .spare_page = [this](Deadline until) { return spare_page(until); }},
                                   deadline);
  co_return co_await not_refused(std::move(work), "its storage state");
}

task<void> ChromeSession::import_state(const Secret& state, Deadline deadline) {
  auto copy = state.duplicate();
  auto work = import_storage_state(browser_->session(), context_, tabs_.front().session, std::move(copy), deadline);
  co_await not_refused(std::move(work), "to put the storage state back");
  // Fetch is off again; the answers to a demand for a password need it.
  if (tabs_.front().basic_auth)
    co_await not_refused(tabs_.front().basic_auth->start(deadline), "to ask for a password");
}

task<void> ChromeSession::close(Deadline deadline) { co_await browser_->stop(deadline); }

}  // namespace totpilot::chrome

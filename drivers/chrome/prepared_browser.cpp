#include "drivers/chrome/prepared_browser.h"

#include <boost/asio/co_spawn.hpp>
#include <map>

#include "drivers/cdp/browser.h"
#include "drivers/cdp/runtime.h"
#include "drivers/cdp/target.h"
#include "drivers/chrome/refusal.h"

namespace totpilot::chrome {
namespace {

using namespace std::chrono_literals;

// For the preparation itself; who waits for it has a deadline of his own.
constexpr auto kPrepareWithin = 60s;

}  // namespace

task<std::shared_ptr<cdp::Session>> open_page(std::shared_ptr<cdp::Session> browser, std::string context,
                                              Deadline deadline) {
  std::map<std::string, std::string> sessions;  // by target id
  const auto subscription = browser->on(cdp::target::kAttached, [&sessions](const nlohmann::json& event) {
    const auto attached = cdp::target::read_attached(event);
    sessions[attached.info.id] = attached.session_id;
  });
  const std::string target =
      co_await not_refused(cdp::target::create_page(*browser, context, {}, deadline), "a new page");
  // Chrome attaches before it answers.
  auto session = browser->child(sessions[target]);
  if (!session) throw Failure(Outcome::kBrowserLost, "the new page was closed at once");
  co_return session;
}

task<PreparedPage> open_first_page(std::shared_ptr<cdp::Session> browser, std::string context, std::string directory,
                                   Deadline deadline) {
  cdp::browser::allow_downloads(*browser, context, directory);
  cdp::browser::grant_permissions(*browser, context, {"clipboardReadWrite", "clipboardSanitizedWrite"});
  auto session = co_await open_page(browser, context, deadline);
  co_return PreparedPage{.context = context, .session = std::move(session)};
}

cdp::target::ContextOptions context_options(std::string proxy) {
  cdp::target::ContextOptions options;
  if (proxy.empty()) return options;
  options.proxy = std::move(proxy);
  options.proxy_bypass = "<-loopback>";
  return options;
}

struct PreparedBrowser::State {
  State(const boost::asio::any_io_executor& executor, std::unique_ptr<BrowserProcess> started)
      : is_prepared(executor), prepared(executor), process(std::move(started)) {}

  ReplySlot<bool> is_prepared;
  ReplySlot<PreparedPage> prepared;
  std::unique_ptr<BrowserProcess> process;
  bool failed = false;

  static task<PreparedPage> prepare(std::shared_ptr<State> state) {
    if (!state->process) throw Failure(Outcome::kBrowserLost, "the browser was closed");
    const Deadline deadline = Deadline::after(kPrepareWithin);
    const auto browser = state->process->session();
    // Said before the browser has started, so that it finds them when it has.
    cdp::target::attach_to_pages(*browser);
    auto coming = cdp::target::create_context(*browser, context_options({}), deadline);
    co_await state->process->ready(deadline);
    const std::string context = co_await not_refused(std::move(coming), "a new context");
    PreparedPage page = co_await open_first_page(browser, context, launcher::kDownloadsInside, deadline);
    co_await let_start(page.session, deadline);
    co_return page;
  }

  /// The page's process starts now instead of with the first address: nothing of an app is in it yet.
  static task<void> let_start(std::shared_ptr<cdp::Session> page, Deadline deadline) {
    cdp::runtime::run_if_waiting_for_debugger(*page);
    auto answer = cdp::runtime::call_in_document(*page, {.declaration = "function () {}"}, deadline);
    co_await not_refused(std::move(answer), "the new page's process");
  }
};

PreparedBrowser::PreparedBrowser(const boost::asio::any_io_executor& executor, boost::asio::thread_pool& pool,
                                 const BrowserSettings& settings)
    : state_(std::make_shared<State>(executor, std::make_unique<BrowserProcess>(executor, pool, settings))) {
  boost::asio::co_spawn(executor, State::prepare(state_),
                        [state = state_](const std::exception_ptr& error, PreparedPage page) {
                          state->failed = error != nullptr;
                          if (error) {
                            state->is_prepared.fail(error);
                            return state->prepared.fail(error);
                          }
                          state->is_prepared.set(true);
                          state->prepared.set(std::move(page));
                        });
}

PreparedBrowser::~PreparedBrowser() { state_->process.reset(); }

bool PreparedBrowser::good() const { return !state_->failed && state_->process && state_->process->alive(); }

task<void> PreparedBrowser::prepared(Deadline deadline) {
  const auto state = state_;  // a lease may take the browser meanwhile
  (void)co_await state->is_prepared.wait(deadline, "the browser's start");
}

task<PreparedPage> PreparedBrowser::take_page(Deadline deadline) {
  co_return co_await state_->prepared.wait(deadline, "the browser's start");
}

task<PreparedPage> PreparedBrowser::take_page_through(std::string proxy, Deadline deadline) {
  const PreparedPage first = co_await take_page(deadline);
  const auto browser = state_->process->session();
  cdp::target::dispose_context(*browser, first.context);
  const std::string context = co_await not_refused(
      cdp::target::create_context(*browser, context_options(std::move(proxy)), deadline), "a context with this proxy");
  co_return co_await open_first_page(browser, context, launcher::kDownloadsInside, deadline);
}

std::unique_ptr<BrowserProcess> PreparedBrowser::release_process() { return std::move(state_->process); }

}  // namespace totpilot::chrome

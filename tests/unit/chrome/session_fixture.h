#pragma once
// SessionTest: the browser port on a real Chrome, its sessions, and a look into a session's page past the page port.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "agent/base/clock.h"
#include "drivers/cdp/document.h"
#include "drivers/cdp/runtime.h"
#include "drivers/chrome/chrome_session.h"
#include "drivers/chrome/pool.h"
#include "tests/unit/chrome/little_site.h"

namespace totpilot::tests {

struct SessionTest : testing::Test {
  using Session = std::unique_ptr<browser::SessionPort>;

  LittleSite site;
  boost::asio::io_context context;
  boost::asio::thread_pool blocking{1};
  std::unique_ptr<Clock> clock = make_clock();
  std::unique_ptr<browser::BrowserPort> port = make_port({});

  static Deadline soon() { return Deadline::after(std::chrono::seconds(60)); }

  std::unique_ptr<browser::BrowserPort> make_port(chrome::PoolSettings settings) {
    return chrome::make_browser_port(context.get_executor(), blocking, *clock, std::move(settings));
  }
  template <class T>
  T run(task<T> work) {
    return run_to_end(context, std::move(work));
  }
  Session lease(browser::SessionOptions options = {}) {
    if (options.base_url.empty()) options.base_url = site.origin();
    return run(port->lease(std::move(options), soon()));
  }
  static chrome::ChromeSession& inside(const Session& session) {
    return dynamic_cast<chrome::ChromeSession&>(*session);
  }

  static chrome::BrowserProcess& process(const Session& session) {
    return dynamic_cast<chrome::BrowserProcess&>(inside(session).browser());
  }

  void open(const Session& session, const std::string& url) {
    const auto navigation = run(cdp::document::navigate(*inside(session).protocol(), url, soon()));
    ASSERT_EQ(navigation.error, "");
  }
  /// What the expression is in the session's page once its document has been read, as JSON; promises awaited.
  nlohmann::json eval(const Session& session, const std::string& expression) {
    return run(eval_task(inside(session).protocol(), expression));
  }
  static task<nlohmann::json> eval_task(const std::shared_ptr<cdp::Session>& page, const std::string& expression) {
    const std::string read =
        "document.readyState !== 'loading' || await new Promise((f) => addEventListener('DOMContentLoaded', f))";
    const std::string function = "async () => { " + read + "; return (" + expression + "); }";
    return cdp::runtime::call_in_document(*page, {.declaration = function}, soon());
  }
  /// The outcome it ends with; kOk when it does not fail.
  template <class T>
  Outcome outcome_of(task<T> work) {
    try {
      run(std::move(work));
      return Outcome::kOk;
    } catch (const Failure& failure) {
      return failure.code();
    }
  }
};

}  // namespace totpilot::tests

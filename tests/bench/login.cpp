// login-bench: the peer that is this driver. Speaks the orchestrator's protocol: "run" on standard input gives a line
// of JSON. Each login has a browser process of its own, as in the product: `ms` counts its start, `page_ms` only what
// follows the open page. With --warm the process and its blank page are started before the count begins, as a pool that
// is kept warm has them. With the address of a browser as the first argument it attaches to that one instead and keeps
// it, as the peers keep theirs: that compares the drivers alone.
#include <sys/resource.h>
#include <sys/wait.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "agent/base/clock.h"
#include "agent/base/secret.h"
#include "agent/browser/browser_port.h"
#include "agent/totp/base32.h"
#include "agent/totp/code.h"
#include "drivers/chrome/attached_browser.h"
#include "drivers/chrome/pool.h"

namespace totpilot::browser {

/// The door that tests have too: here nothing is worth protecting but the time.
struct BoundSecretForTests {
  static BoundSecret make(SecretKind kind, Secret value, Origin pin) {
    return {kind, std::move(value), {std::move(pin)}};
  }
};

}  // namespace totpilot::browser

namespace totpilot {
namespace {

using Steady = std::chrono::steady_clock;
using browser::BoundSecretForTests;
using browser::Locator;

struct Settings {
  std::string url;
  std::string user;
  std::string password;
  std::string secret;
};

double millis_since(Steady::time_point start) {
  return std::chrono::duration<double, std::milli>(Steady::now() - start).count();
}

/// Where the time goes.
class Steps {
 public:
  void end(const char* name) {
    millis_.push_back({name, millis_since(begun_)});
    begun_ = Steady::now();
  }
  const nlohmann::json& millis() const { return millis_; }

 private:
  Steady::time_point begun_ = Steady::now();
  nlohmann::json millis_ = nlohmann::json::array();
};

double own_cpu_millis() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto millis = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
  };
  return millis(used.ru_utime) + millis(used.ru_stime);
}

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

Locator field(browser::FieldKind kind) {
  Locator locator;
  locator.kind = Locator::Kind::kField;
  locator.field = kind;
  return locator;
}

Locator submit_of(Locator target) {
  Locator locator;
  locator.kind = Locator::Kind::kSubmitOf;
  locator.of = std::make_shared<const Locator>(std::move(target));
  return locator;
}

browser::Condition signed_in() {
  browser::Condition condition;
  condition.shows.emplace();
  condition.shows->kind = Locator::Kind::kCss;
  condition.shows->css = R"(form[action$="/logout"], a[href$="/logout"])";
  return condition;
}

task<nlohmann::json> login(browser::BrowserPort& browsers, const Clock& clock, const Settings& settings) {
  const Deadline deadline = Deadline::after(std::chrono::seconds(30));
  const Origin pin = Origin::parse(settings.url).value();
  const double cpu = own_cpu_millis();
  const auto start = Steady::now();
  Steps steps;
  browser::SessionOptions options;
  options.base_url = settings.url;
  auto session = co_await browsers.lease(options, deadline);
  const auto opened = Steady::now();
  steps.end("a session");
  browser::PagePort& page = session->page();
  co_await page.open(settings.url + "/login", deadline);
  steps.end("open");
  co_await page.fill(field(browser::FieldKind::kUsername), settings.user, deadline);
  steps.end("user name");
  const browser::SecretSupplier password = [&]() -> task<browser::BoundSecret> {
    co_return BoundSecretForTests::make(browser::SecretKind::kPassword, Secret::copy_of(settings.password), pin);
  };
  co_await page.fill_secret(field(browser::FieldKind::kPassword), password, deadline);
  steps.end("password");
  co_await page.click(submit_of(field(browser::FieldKind::kPassword)), deadline);
  steps.end("click");
  const browser::SecretSupplier code = [&]() -> task<browser::BoundSecret> {
    const Secret key = totp::base32_decode(settings.secret).value();
    co_return BoundSecretForTests::make(browser::SecretKind::kCode, totp::code_at(key, totp::Parameters{}, clock.now()),
                                        pin);
  };
  co_await page.fill_secret(field(browser::FieldKind::kCode), code, deadline);
  steps.end("code");
  co_await page.click(submit_of(field(browser::FieldKind::kCode)), deadline);
  steps.end("click again");
  std::vector<browser::Condition> conditions = {signed_in()};
  co_await page.wait_for(std::move(conditions), deadline);
  steps.end("signed in");
  const Secret state = co_await session->export_state(deadline);
  steps.end("export");
  const double page_ms = millis_since(opened);
  const double ms = millis_since(start);
  const double used = own_cpu_millis() - cpu;
  co_await session->close(deadline);
  co_return nlohmann::json{{"ms", ms},
                           {"page_ms", page_ms},
                           {"cpu", used},
                           {"rss", resident_bytes()},
                           {"steps", steps.millis()},
                           {"cookies", nlohmann::json::parse(state.reveal()).at("cookies").size()}};
}

/// Does a browser stand ready when its login begins, as in a pool that is kept warm?
enum class Ahead { kNo, kYes };

int serve(const Settings& settings, Ahead ahead, const std::string& attach_to) {
  boost::asio::io_context context;
  boost::asio::thread_pool pool(2);
  const auto clock = make_clock();
  const auto browsers = attach_to.empty() ? chrome::make_browser_port(context.get_executor(), pool, *clock, {})
                                          : chrome::make_attached_browser_port(pool, *clock, attach_to);
  std::cout << "ready" << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    if (line == "prepare") {
      if (ahead == Ahead::kYes) run_to_end(context, browsers->stand_by(Deadline::after(std::chrono::seconds(30))));
      std::cout << "prepared" << std::endl;
    }
    if (line == "run") std::cout << run_to_end(context, login(*browsers, *clock, settings)).dump() << std::endl;
  }
  return 0;
}

}  // namespace
}  // namespace totpilot

int main(int argc, char** argv) {
  try {
    const auto given = nlohmann::json::parse(argc > 1 ? argv[argc - 1] : "{}");
    const std::string_view mode = argc > 2 ? argv[1] : "";
    const bool warm = mode == "--warm";
    return totpilot::serve({given.at("url"), given.at("user"), given.at("password"), given.at("secret")},
                           warm ? totpilot::Ahead::kYes : totpilot::Ahead::kNo, std::string(warm ? "" : mode));
  } catch (const totpilot::Failure& failure) {
    std::fprintf(stderr, "login-bench: %s (%s)\n", failure.what(), failure.hint().c_str());
  } catch (const std::exception&) {
    std::fprintf(stderr, "login-bench is started by tests/bench/run\n");
  }
  return 1;
}

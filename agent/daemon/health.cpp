#include "agent/daemon/health.h"

#include "agent/services/accounts.h"
#include "agent/services/house.h"

namespace totpilot::daemon {
namespace {

constexpr std::chrono::seconds kRecent{30};
constexpr std::chrono::seconds kBrowserTime{20};
constexpr std::string_view kGood = "ok";

task<std::string> ask_store(services::House& house) {
  try {
    co_await services::list_accounts(house, services::ListAccounts{.limit = 1});
    co_return std::string(kGood);
  } catch (const Failure& failure) {
    co_return failure.message();
  }
}

}  // namespace

task<void> Health::try_browser() {
  trying_ = true;
  try {
    co_await house_.browsers().stand_by(Deadline::after(kBrowserTime));
    browser_ = kGood;
  } catch (const Failure& failure) {
    browser_ = failure.message();
  }
  trying_ = false;
  recent_ = Deadline::after(kRecent);
  metrics_.set_browser_ready(browser_ == kGood);
}

task<api::Readiness> Health::look() {
  const std::string store = co_await ask_store(house_);
  const std::string vault = house_.vault_open() ? std::string(kGood) : "sealed";
  if (!trying_ && (!recent_ || recent_->expired())) co_await try_browser();
  co_return api::Readiness{.ready = store == kGood && vault == kGood && browser_ == kGood,
                           .parts = {{"store", store}, {"vault", vault}, {"browser", browser_}}};
}

}  // namespace totpilot::daemon

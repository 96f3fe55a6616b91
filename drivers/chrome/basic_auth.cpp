#include "drivers/chrome/basic_auth.h"

#include <boost/asio/co_spawn.hpp>

#include "agent/base/log.h"
#include "agent/base/origin.h"

namespace totpilot::chrome {
namespace {

using namespace std::chrono_literals;

// The supplier reads a password from the vault; the call is one message.
constexpr auto kAnswerWithin = 10s;

}  // namespace

struct BasicAuthAnswers::State {
  std::shared_ptr<cdp::Session> page;
  browser::BasicAuth auth;
  std::string base_origin;
  std::set<std::string> answered;  // request ids: a server that asks twice has refused
  std::vector<cdp::Subscription> subscriptions;

  static task<void> answer(std::shared_ptr<State> state, cdp::fetch::AuthRequired demand) {
    const auto asking = Origin::parse(demand.origin);
    if (demand.from_proxy || !asking || !state->answered.insert(demand.request_id).second) {
      co_return cdp::fetch::refuse_auth(*state->page, demand.request_id);
    }
    const browser::BoundSecret password = co_await state->auth.password();
    if (std::ranges::find(password.pins(), *asking) == password.pins().end()) {
      log::warn("{} asks for a password but is not among the account's origins", asking->text());
      co_return cdp::fetch::refuse_auth(*state->page, demand.request_id);
    }
    co_await cdp::fetch::give_auth(*state->page, demand.request_id, state->auth.username, password.value(),
                                   Deadline::after(kAnswerWithin));
  }
};

BasicAuthAnswers::BasicAuthAnswers(std::shared_ptr<cdp::Session> page, browser::BasicAuth auth, std::string base_url)
    : state_(std::make_shared<State>()) {
  state_->page = std::move(page);
  state_->auth = std::move(auth);
  const auto origin = Origin::parse(base_url);
  if (!origin) throw Failure(Outcome::kInvalidInput, "the base url is no address: " + origin.error());
  state_->base_origin = origin->text();
}

BasicAuthAnswers::~BasicAuthAnswers() { state_->subscriptions.clear(); }

void BasicAuthAnswers::listen(const boost::asio::any_io_executor& executor) {
  auto& page = *state_->page;
  const std::weak_ptr<State> weak = state_;
  state_->subscriptions.push_back(cdp::fetch::on_paused(
      page, [&page](const cdp::fetch::Paused& request) { cdp::fetch::let_go(page, request.request_id); }));
  state_->subscriptions.push_back(
      cdp::fetch::on_auth_required(page, [weak, executor](const cdp::fetch::AuthRequired& demand) {
        const auto state = weak.lock();
        if (!state) return;
        boost::asio::co_spawn(executor, State::answer(state, demand), [state, demand](const std::exception_ptr& error) {
          // The request must not wait for ever; the page then shows what a wrong password shows.
          if (error) cdp::fetch::refuse_auth(*state->page, demand.request_id);
        });
      }));
}

task<void> BasicAuthAnswers::start(Deadline deadline) {
  if (state_->subscriptions.empty()) listen(co_await boost::asio::this_coro::executor);
  // The app's origin only: nothing else may ask, so nothing else needs to wait for us.
  co_await cdp::fetch::enable(*state_->page, {state_->base_origin + "/*"}, cdp::fetch::Authentication::kAsk, deadline);
}

}  // namespace totpilot::chrome

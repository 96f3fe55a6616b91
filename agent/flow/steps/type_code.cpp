#include "agent/flow/steps/steps.h"

namespace totpilot::flow::steps {
namespace {

constexpr int kTickets = 3;  // a page that is too slow for three windows in a row is too slow

}

task<void> type_code(Walk& walk, browser::Locator into, std::function<task<CodeTicket>()> next, StepTime time) {
  for (int round = 0; round < kTickets; ++round) {
    const CodeTicket ticket = co_await next();
    try {
      co_await walk.page().fill_secret(into, ticket.supplier, time.fresh());
      co_return;
    } catch (const Failure&) {
      if (!*ticket.too_late) throw;
    }
    walk.tell.on_event(Remark{"the code field was ready too late for its window; taking the next one"});
  }
  throw Failure(Outcome::kTimedOut, "the code field was ready too late for three windows in a row");
}

}  // namespace totpilot::flow::steps

#pragma once
// BasicAuthAnswers: answers a server's demand for HTTP authentication on one page, for the account's origins only. Made
// only when it is asked for, because every request to the app then waits for us. Browser io_context only.
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "agent/browser/browser_port.h"
#include "drivers/cdp/fetch.h"

namespace totpilot::chrome {

class BasicAuthAnswers {
 public:
  BasicAuthAnswers(std::shared_ptr<cdp::Session> page, browser::BasicAuth auth, std::string base_url);
  ~BasicAuthAnswers();
  BasicAuthAnswers(const BasicAuthAnswers&) = delete;
  BasicAuthAnswers& operator=(const BasicAuthAnswers&) = delete;

  /// Before the page loads anything, and again whenever somebody else has used the Fetch domain of the page.
  task<void> start(Deadline deadline);

 private:
  void listen(const boost::asio::any_io_executor& executor);

  struct State;
  std::shared_ptr<State> state_;  // shared with answers under way
};

}  // namespace totpilot::chrome

#pragma once
// Housekeeping: what was kept to look into goes after the time that the settings give: reports, the events of jobs, and
// jobs themselves. The daemon does it once a day; a command that runs a flow by itself does it before.
#include <boost/asio/any_io_executor.hpp>
#include <chrono>

#include "agent/base/async.h"

namespace totpilot::services {

class House;

struct Swept {
  int reports = 0;
  int events = 0;
  int jobs = 0;
};

/// Removes what is older than report.keep_days and jobs.keep_days. Blocking; on the pool. storage_failed.
Swept sweep(House& house);

/// Sweeps at once and then every so often, until it is stopped. On one io_context thread.
class Housekeeper {
 public:
  Housekeeper(const boost::asio::any_io_executor& executor, House& house,
              std::chrono::milliseconds every = std::chrono::hours(24))
      : house_(house), every_(every), timer_(executor) {}
  task<void> run();
  void stop();

 private:
  House& house_;
  std::chrono::milliseconds every_;
  SlotTimer timer_;
  bool stopping_ = false;
};

}  // namespace totpilot::services

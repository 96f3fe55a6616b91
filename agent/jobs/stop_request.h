#pragma once
// StopRequest: someone (a signal, an API call) wants running work to stop: all of a process, or one job. Whoever runs
// work that must not stop just anywhere registers itself and decides. One io_context thread.
#include <functional>
#include <list>
#include <utility>

namespace totpilot::jobs {

enum class Urgency {
  kWhenSafe,  // finish what must not be cut in two
  kNow,       // the second request: what is armed becomes uncertain
};

class StopRequest {
 public:
  using Handler = std::function<void(Urgency)>;

  /// Registers until it is destroyed; each handler gets every request. One that came before is not repeated: ask
  /// requested() first.
  class Registration {
   public:
    Registration(StopRequest& owner, Handler handler)
        : owner_(owner), place_(owner.handlers_.insert(owner.handlers_.end(), std::move(handler))) {}
    ~Registration() { owner_.handlers_.erase(place_); }
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;

   private:
    StopRequest& owner_;
    std::list<Handler>::iterator place_;
  };

  /// A handler must not end its own registration, nor another's.
  void request(Urgency urgency) {
    requested_ = true;
    for (const Handler& handler : handlers_) handler(urgency);
  }
  bool requested() const { return requested_; }
  /// Is there someone who decides how to stop?
  bool has_handler() const { return !handlers_.empty(); }

 private:
  std::list<Handler> handlers_;  // registrations keep their places in it
  bool requested_ = false;
};

}  // namespace totpilot::jobs

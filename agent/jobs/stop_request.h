#pragma once
// StopRequest: someone (a signal, later an API call) wants the running work to stop. Whoever runs work that must not
// stop just anywhere registers itself and decides. One io_context thread.
#include <functional>
#include <utility>

namespace totpilot::jobs {

enum class Urgency {
  kWhenSafe,  // finish what must not be cut in two
  kNow,       // the second request: what is armed becomes uncertain
};

class StopRequest {
 public:
  using Handler = std::function<void(Urgency)>;

  /// Registers until it is destroyed; the newest handler gets the requests. One that came before is not repeated: ask
  /// requested() first.
  class Registration {
   public:
    Registration(StopRequest& owner, Handler handler)
        : owner_(owner), before_(std::exchange(owner.handler_, std::move(handler))) {}
    ~Registration() { owner_.handler_ = std::move(before_); }
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;

   private:
    StopRequest& owner_;
    Handler before_;
  };

  void request(Urgency urgency) {
    requested_ = true;
    if (handler_) handler_(urgency);
  }
  bool requested() const { return requested_; }
  /// Is there someone who decides how to stop?
  bool has_handler() const { return static_cast<bool>(handler_); }

 private:
  Handler handler_;
  bool requested_ = false;
};

}  // namespace totpilot::jobs

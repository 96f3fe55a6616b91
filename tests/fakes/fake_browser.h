#pragma once
// FakeBrowser: the three browser ports over a FakeApp. Counts every call; the n-th can be made to fail.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/browser/browser_port.h"
#include "tests/fakes/fake_app.h"

namespace totpilot::fakes {

struct Trouble {
  enum class Kind {
    kLostBefore,  // the browser goes away and the call had no effect
    kLostAfter,   // the call has its effect, and then the browser goes away
    kHangsAfter,  // the call has its effect, and its answer never comes
  };
  Kind kind = Kind::kLostBefore;
  int at = 1;             // the call, counted from 1
  bool for_good = false;  // every later browser is lost at its first call, too
};

class FakeBrowser final : public browser::BrowserPort {
 public:
  explicit FakeBrowser(FakeApp& app) : app_(app) {}

  task<std::unique_ptr<browser::SessionPort>> lease(browser::SessionOptions options, Deadline deadline) override;
  void warm_up() override {}
  task<void> stand_by(Deadline) override { co_return; }

  FakeApp& app() { return app_; }
  int calls() const { return calls_; }
  int open_sessions() const { return open_sessions_; }
  const std::vector<std::string>& log() const { return log_; }
  void heal() { trouble_.reset(); }
  void expect(Trouble trouble) {
    trouble_ = trouble;
    calls_ = 0;
    struck_ = false;
  }
  bool struck() const { return struck_; }

  /// Before a call's effect; then after it. A session that was lost once stays lost.
  void before(const std::string& call, bool& lost);
  void after(bool& lost);

 private:
  friend class FakeSession;
  FakeApp& app_;
  std::optional<Trouble> trouble_;
  int calls_ = 0;
  int open_sessions_ = 0;
  bool struck_ = false;
  std::vector<std::string> log_;
};

}  // namespace totpilot::fakes

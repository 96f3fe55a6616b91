#pragma once
// BrowserPort: where sessions come from. One browser process per session, from a warm pool.
#include <memory>
#include <optional>
#include <string>

#include "agent/base/async.h"
#include "agent/browser/session_port.h"

namespace totpilot::browser {

struct BasicAuth {
  std::string username;
  SecretSupplier password;  // given to pinned origins only
};

enum class Graphics { kNo3d, k3d };  // k3d: for an app that does not work without WebGL

struct SessionOptions {
  std::string base_url{};  // conditions and relative addresses are below it
  std::string test_id_attribute = "data-testid";
  std::string language{};    // "de-DE"; empty: the browser's
  std::string user_agent{};  // empty: the browser's
  std::string proxy{};       // "http://host:port"; empty: none
  int width = 1280;
  int height = 900;
  Graphics graphics = Graphics::kNo3d;  // k3d costs a browser of its own, not a warm one
  std::optional<BasicAuth> basic_auth{};
};

class BrowserPort {
 public:
  virtual ~BrowserPort() = default;
  /// browser_lost when no browser can be started; says why.
  virtual task<std::unique_ptr<SessionPort>> lease(SessionOptions options, Deadline deadline) = 0;
  /// Starts a browser ahead of need; returns at once.
  virtual void warm_up() = 0;
  /// The same, and waits until it could be leased. browser_lost when no browser can be started; says why.
  virtual task<void> stand_by(Deadline deadline) = 0;
};

}  // namespace totpilot::browser

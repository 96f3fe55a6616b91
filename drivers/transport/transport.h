#pragma once
// Transport: whole protocol messages to and from one browser. Owned by a cdp::Connection; browser io_context only.
#include <cstddef>
#include <functional>
#include <string>

namespace totpilot::transport {

/// Chrome's own limit is higher; nothing we ask for comes near it.
inline constexpr std::size_t kMaxMessage = std::size_t{64} << 20;

enum class Sensitivity { kPlain, kSecret };  // kSecret: the text is wiped as soon as it has been written

struct Events {
  std::function<void(std::string)> message;
  /// Once, and nothing after it. `reason` is ours ("the browser closed the pipe"), never what the other side sent.
  std::function<void(std::string reason)> closed;
};

class Transport {
 public:
  virtual ~Transport() = default;

  /// Once, before anything else. The events come from the io_context, never from inside a call of this object.
  virtual void start(Events events) = 0;
  /// Takes one message. What is sent in one turn of the io_context leaves in one write. Dropped after the end.
  virtual void send(std::string message, Sensitivity sensitivity) = 0;
  /// Reads no further, beyond what is under way, until resume(): the browser then waits with what it has to say.
  virtual void pause() = 0;
  virtual void resume() = 0;
  /// Ends it; no event follows.
  virtual void close() = 0;
};

}  // namespace totpilot::transport

#pragma once
// FrameSplitter: cuts the NUL-separated stream of Chrome's pipe into messages. Pure; one stream each.
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace totpilot::transport {

class FrameSplitter {
 public:
  explicit FrameSplitter(std::size_t limit) : limit_(limit) {}

  enum class Verdict { kFine, kTooLarge };

  /// Hands on each message that `bytes` completes, in order. kTooLarge: a message grew beyond the limit; the stream is
  /// lost.
  Verdict feed(std::string_view bytes, const std::function<void(std::string)>& message);

 private:
  std::size_t limit_;
  std::string partial_;
};

}  // namespace totpilot::transport

#include "drivers/transport/frame_splitter.h"

namespace totpilot::transport {

FrameSplitter::Verdict FrameSplitter::feed(std::string_view bytes, const std::function<void(std::string)>& message) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\0');
    const std::string_view piece = bytes.substr(0, end);
    if (partial_.size() + piece.size() > limit_) return Verdict::kTooLarge;
    if (end == std::string_view::npos) {
      partial_.append(piece);
      return Verdict::kFine;
    }
    std::string whole = std::move(partial_);
    partial_.clear();
    whole.append(piece);
    bytes.remove_prefix(end + 1);
    message(std::move(whole));
  }
  return Verdict::kFine;
}

}  // namespace totpilot::transport

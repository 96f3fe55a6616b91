#pragma once
// Decoder: reads QR codes out of pictures, in a child process (totpilot-qr) with limits of its own, because one hostile
// picture can keep the decoding library busy for minutes. Used from one io_context.
#include <chrono>
#include <filesystem>
#include <vector>

#include "agent/base/async.h"
#include "agent/base/deadline.h"
#include "agent/base/secret.h"

namespace totpilot::qr {

class Decoder {
 public:
  /// Looks for totpilot-qr beside this program, then in the installed libexec directory.
  Decoder();
  explicit Decoder(std::filesystem::path program);

  /// The texts of the QR codes in a PNG or JPEG picture (at most 16 MiB), at most two; empty when there is none.
  /// invalid_input for what is no picture or is too large, for a code that holds no text, and when the picture shows
  /// two different otpauth URIs; timed_out when it is not done within 2 s or the deadline (the child is killed);
  /// internal when the program is missing.
  task<std::vector<Secret>> decode(Secret image, Deadline deadline) const;

  /// The one text a person's picture holds; invalid_input "no QR code in the picture" when there is none.
  task<Secret> decode_one(Secret image, Deadline deadline) const;

  static constexpr std::chrono::milliseconds kLongest{2'000};

 private:
  std::filesystem::path program_;
};

}  // namespace totpilot::qr

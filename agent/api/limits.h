#pragma once
// Limits: what a client may take of the server. Whoever is slow, half-open or too large is cut; idle, head and body
// together stay below 30 seconds.
#include <chrono>
#include <cstddef>

namespace totpilot::api {

struct Limits {
  std::chrono::milliseconds idle{10'000};   // without a byte of the next request
  std::chrono::milliseconds head{8'000};    // from its first byte to the end of its headers
  std::chrono::milliseconds body{12'000};   // from there to its end
  std::chrono::milliseconds write{20'000};  // for a whole answer to be taken
  std::chrono::milliseconds call{120'000};  // for an operation
  std::size_t head_bytes = 16 * 1024;
  std::size_t body_bytes = 1024 * 1024;
  /// Beyond these the connection that has waited longest for its request gives way; where none waits, the new one does.
  std::size_t connections = 1024;
  std::size_t connections_per_peer = 512;
};

}  // namespace totpilot::api

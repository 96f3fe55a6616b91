// totpilot-qr: reads one picture on standard input, writes {"texts": [...]} or {"error": "..."} on standard output.
// Knows nothing but the picture, and may do nothing but compute: the decoding library is old, and its input comes from
// web pages.
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <string>

#include "agent/qr/child/limits.h"
#include "agent/qr/child/scan.h"

namespace {

constexpr std::size_t kLongestInput = 16U << 20U;
constexpr std::size_t kChunk = 64U << 10U;

/// Nothing when there is more than the limit, or the reading fails.
bool read_all(std::string& input) {
  for (;;) {
    const std::size_t had = input.size();
    if (had > kLongestInput) return false;
    input.resize(had + kChunk);
    const ssize_t got = read(STDIN_FILENO, input.data() + had, kChunk);
    if (got < 0) return false;
    input.resize(had + static_cast<std::size_t>(got));
    if (got == 0) return true;
  }
}

bool write_all(const std::string& output) {
  for (std::size_t done = 0; done < output.size();) {
    const ssize_t wrote = write(STDOUT_FILENO, output.data() + done, output.size() - done);
    if (wrote <= 0) return false;
    done += static_cast<std::size_t>(wrote);
  }
  return true;
}

nlohmann::json answer() {
  std::string input;
  if (!read_all(input)) return {{"error", "the picture is larger than 16 MiB, or could not be read"}};
  auto texts = totpilot::qr::child::scan(input);
  if (!texts) return {{"error", texts.error()}};
  return {{"texts", *texts}};
}

}  // namespace

int main() {
  if (!totpilot::qr::child::limit_resources() || !totpilot::qr::child::forbid_system_calls()) {
    write_all(R"({"internal": "the system refused the decoder's limits"})");
    _exit(1);
  }
  try {
    // _exit: what the libraries would do at the end is not among the allowed calls.
    _exit(write_all(answer().dump()) ? 0 : 1);
  } catch (const std::exception&) {
    write_all(R"({"error": "the picture needs more memory than it may have"})");
    _exit(0);
  }
}

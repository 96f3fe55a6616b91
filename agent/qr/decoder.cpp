#include "agent/qr/decoder.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>

#include "agent/base/failure.h"
#include "agent/qr/child_process.h"

namespace totpilot::qr {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kLargestImage = 16U << 20U;
constexpr std::size_t kLongestAnswer = 64U << 10U;
constexpr const char* kProgram = "totpilot-qr";

/// Kills the child at the deadline. Shared with the timer's handler, which may still be queued when the decoding is
/// over.
class Watchdog {
 public:
  Watchdog(const asio::any_io_executor& executor, const ChildProcess& child, Deadline deadline)
      : timer_(executor), watched_(std::make_shared<const ChildProcess*>(&child)) {
    timer_.expires_at(deadline.when());
    timer_.async_wait([watched = watched_](boost::system::error_code error) {
      if (!error && *watched != nullptr) (*watched)->kill();
    });
  }
  ~Watchdog() { *watched_ = nullptr; }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  asio::steady_timer timer_;
  std::shared_ptr<const ChildProcess*> watched_;
};

/// Everything the child says; it ends when the child does.
task<Secret> converse(ChildProcess& child, const Secret& image) {
  const auto executor = co_await asio::this_coro::executor;
  asio::local::stream_protocol::socket socket(executor, asio::local::stream_protocol(), child.take_socket().release());
  boost::system::error_code error;
  // The child reads all before it writes, so neither waits for the other. Errors show in how it ends.
  co_await asio::async_write(socket, asio::buffer(image.reveal()), asio::redirect_error(asio::use_awaitable, error));
  socket.shutdown(asio::socket_base::shutdown_send, error);
  Secret answer = Secret::zeros(kLongestAnswer);
  const auto room = answer.writable();
  const std::size_t size = co_await asio::async_read(socket, asio::buffer(room.data(), room.size()),
                                                     asio::redirect_error(asio::use_awaitable, error));
  co_return Secret::copy_of(answer.reveal().substr(0, size));
}

task<ChildEnd> ended(ChildProcess& child) {
  // A duplicate, because the descriptor closes what it is given.
  const int handle = ::dup(child.end_signal());
  if (handle < 0) throw Failure(Outcome::kInternal, "no file descriptor is left for the QR decoder");
  asio::posix::stream_descriptor signal(co_await asio::this_coro::executor, handle);
  co_await signal.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
  co_return child.reap();
}

std::vector<Secret> texts_of(const Secret& answer) {
  auto parsed = nlohmann::json::parse(answer.reveal(), nullptr, false);
  if (const auto error = parsed.find("error"); parsed.is_object() && error != parsed.end() && error->is_string()) {
    throw Failure(Outcome::kInvalidInput, error->get<std::string>());
  }
  const auto texts = parsed.find("texts");
  if (!parsed.is_object() || texts == parsed.end() || !texts->is_array()) {
    throw Failure(Outcome::kInternal, "the QR decoder's answer is not understood");
  }
  std::vector<Secret> secrets;
  for (auto& text : *texts) {
    if (!text.is_string()) throw Failure(Outcome::kInternal, "the QR decoder's answer is not understood");
    secrets.emplace_back(std::move(text.get_ref<std::string&>()));
  }
  return secrets;
}

std::filesystem::path find_program() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  for (const auto& candidate : {self / kProgram, self.parent_path() / "libexec" / "totpilot" / kProgram}) {
    if (std::filesystem::exists(candidate, error)) return candidate;
  }
  return self / kProgram;  // named by the failure to start it
}

}  // namespace

Decoder::Decoder() : program_(find_program()) {}

Decoder::Decoder(std::filesystem::path program) : program_(std::move(program)) {}

task<std::vector<Secret>> Decoder::decode(Secret image, Deadline deadline) const {
  if (image.size() > kLargestImage) throw Failure(Outcome::kInvalidInput, "the picture is larger than 16 MiB");
  ChildProcess child(program_);
  Secret answer;
  ChildEnd end = ChildEnd::kCrashed;
  {
    const Watchdog watchdog(co_await asio::this_coro::executor, child, deadline.at_most(kLongest));
    answer = co_await converse(child, image);
    end = co_await ended(child);
  }
  switch (end) {
    case ChildEnd::kExited:
      co_return texts_of(answer);
    case ChildEnd::kOutOfTime:
      throw Failure(Outcome::kTimedOut, "the picture took the QR decoder longer than it may",
                    "cut the picture to the QR code");
    case ChildEnd::kCrashed:
      break;
  }
  if (answer.reveal().contains("\"internal\""))
    throw Failure(Outcome::kInternal, "the system refused the QR decoder's limits");
  throw Failure(Outcome::kInvalidInput, "the QR decoder gave up on the picture", "cut the picture to the QR code");
}

task<Secret> Decoder::decode_one(Secret image, Deadline deadline) const {
  auto texts = co_await decode(std::move(image), deadline);
  if (texts.empty())
    throw Failure(Outcome::kInvalidInput, "no QR code in the picture",
                  "cut the picture to the QR code, with its white border, or give the key as text");
  if (texts.size() > 1)
    throw Failure(Outcome::kInvalidInput, "the picture holds more than one QR code", "cut it to the right one");
  co_return std::move(texts.front());
}

}  // namespace totpilot::qr

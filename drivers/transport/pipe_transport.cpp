#include "drivers/transport/pipe_transport.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <vector>

#include "agent/base/secret.h"
#include "drivers/transport/frame_splitter.h"

namespace totpilot::transport {
namespace {

using boost::asio::local::stream_protocol;

// Shared with its own handlers, which may still be queued when the transport is gone.
class Pipe : public std::enable_shared_from_this<Pipe> {
 public:
  Pipe(const boost::asio::any_io_executor& executor, UniqueFd socket, std::size_t max_message)
      : socket_(executor), splitter_(max_message), read_buffer_(kReadBuffer) {
    socket_.assign(stream_protocol(), socket.release());
  }

  ~Pipe() {
    for (Frame& frame : waiting_) wipe_if_secret(frame);
    for (Frame& frame : writing_) wipe_if_secret(frame);
  }

  void start(Events events) {
    events_ = std::move(events);
    read();
  }

  void send(std::string message, Sensitivity sensitivity) {
    waiting_.push_back({std::move(message), sensitivity});
    if (!socket_.is_open()) {
      wipe_if_secret(waiting_.back());
      waiting_.pop_back();
      return;
    }
    if (flush_posted_ || !writing_.empty()) return;
    // Everything else that this turn sends joins the same write.
    flush_posted_ = true;
    boost::asio::post(socket_.get_executor(), [self = shared_from_this()] {
      self->flush_posted_ = false;
      self->write();
    });
  }

  void pause() { paused_ = true; }
  void resume() {
    paused_ = false;
    if (socket_.is_open()) read();
  }

  void close() {
    events_ = {};
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

 private:
  struct Frame {
    std::string text;
    Sensitivity sensitivity;
  };

  static constexpr std::size_t kReadBuffer = std::size_t{256} << 10;

  static void wipe_if_secret(Frame& frame) {
    if (frame.sensitivity == Sensitivity::kSecret) wipe(frame.text);
  }

  void read() {
    if (reading_ || paused_) return;
    reading_ = true;
    socket_.async_read_some(
        boost::asio::buffer(read_buffer_),
        [self = shared_from_this()](boost::system::error_code error, std::size_t size) { self->on_read(error, size); });
  }

  void on_read(boost::system::error_code error, std::size_t size) {
    if (error) return end("the browser closed its pipe");
    const std::string_view bytes(read_buffer_.data(), size);
    const auto verdict = splitter_.feed(bytes, [this](std::string message) {
      // A handler may close us while we hold more messages of the same read; they are dropped.
      if (const auto handler = events_.message) handler(std::move(message));
    });
    if (verdict == FrameSplitter::Verdict::kTooLarge) return end("the browser sent a message beyond the size limit");
    // Not before: whoever resumes meanwhile must not read over the bytes that are being handed on.
    reading_ = false;
    if (socket_.is_open()) read();
  }

  void write() {
    if (!socket_.is_open() || waiting_.empty()) return;
    writing_ = std::move(waiting_);
    waiting_.clear();
    std::vector<boost::asio::const_buffer> buffers;
    buffers.reserve(writing_.size());
    // c_str()'s terminator is the separator.
    for (const Frame& frame : writing_) buffers.emplace_back(frame.text.c_str(), frame.text.size() + 1);
    boost::asio::async_write(socket_, buffers,
                             [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                               for (Frame& frame : self->writing_) wipe_if_secret(frame);
                               self->writing_.clear();
                               if (error) return self->end("the browser takes no more messages");
                               self->write();
                             });
  }

  void end(const char* reason) {
    if (!socket_.is_open()) return;
    const auto handler = std::move(events_.closed);
    close();
    if (handler) handler(reason);
  }

  stream_protocol::socket socket_;
  FrameSplitter splitter_;
  std::vector<char> read_buffer_;
  std::vector<Frame> waiting_;
  std::vector<Frame> writing_;
  bool flush_posted_ = false;
  bool reading_ = false;
  bool paused_ = false;
  Events events_;
};

class PipeTransport final : public Transport {
 public:
  explicit PipeTransport(std::shared_ptr<Pipe> pipe) : pipe_(std::move(pipe)) {}
  ~PipeTransport() override { pipe_->close(); }
  void start(Events events) override { pipe_->start(std::move(events)); }
  void send(std::string message, Sensitivity sensitivity) override { pipe_->send(std::move(message), sensitivity); }
  void pause() override { pipe_->pause(); }
  void resume() override { pipe_->resume(); }
  void close() override { pipe_->close(); }

 private:
  std::shared_ptr<Pipe> pipe_;
};

}  // namespace

std::unique_ptr<Transport> make_pipe_transport(const boost::asio::any_io_executor& executor, UniqueFd socket,
                                               std::size_t max_message) {
  return std::make_unique<PipeTransport>(std::make_shared<Pipe>(executor, std::move(socket), max_message));
}

}  // namespace totpilot::transport

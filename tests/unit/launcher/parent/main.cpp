// launcher_parent PROGRAM [HIDDEN]...: owns one browser with one page, says so in one line on standard output, and
// stays until it is killed or its standard input ends. When it has no browser, says why in one line and exits with 1.
#include <poll.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <iostream>

#include "drivers/launcher/launcher.h"

namespace {

using namespace totpilot;

/// Over the raw pipe: this room knows no protocol.
class Pipe {
 public:
  explicit Pipe(int fd) : fd_(fd) {}
  void say(const std::string& message) const {
    if (::write(fd_, message.c_str(), message.size() + 1) < 0)
      throw Failure(Outcome::kBrowserLost, "the pipe is closed");
  }
  /// Reads until the browser has said `words`; what it said behind them, up to `end`.
  std::string hear(const std::string& words, char end) {
    std::array<char, 4096> part{};
    while (true) {
      if (const auto found = got_.find(words); found != std::string::npos) {
        const auto from = found + words.size();
        if (const auto to = got_.find(end, from); to != std::string::npos) return got_.substr(from, to - from);
      }
      const ssize_t size = ::read(fd_, part.data(), part.size());
      if (size <= 0) throw Failure(Outcome::kBrowserLost, "the pipe is closed");
      got_.append(part.data(), static_cast<std::size_t>(size));
    }
  }

 private:
  int fd_;
  std::string got_;
};

/// Returns when the page has run a script, so that its renderer is as it will be.
void open_page(int devtools) {
  Pipe pipe(devtools);
  pipe.say(
      R"({"id":1,"method":"Target.setAutoAttach","params":{"autoAttach":true,"waitForDebuggerOnStart":false,"flatten":true}})");
  pipe.say(R"({"id":2,"method":"Target.createTarget","params":{"url":"data:text/html,<p>here"}})");
  const std::string session = pipe.hear("\"sessionId\":\"", '"');
  pipe.say(R"({"id":3,"method":"Runtime.evaluate","params":{"expression":"1"},"sessionId":")" + session + "\"}");
  pipe.hear("\"id\":3", '}');
}

launcher::Request request_for(const std::vector<std::string>& arguments) {
  launcher::Request request;
  request.program = arguments.at(0);
  request.arguments = {"--remote-debugging-pipe", std::string("--user-data-dir=") + launcher::kProfileInside,
                       "--disable-gpu"};
  request.hidden.assign(arguments.begin() + 1, arguments.end());
  return request;
}

}  // namespace

int main(int argc, char** argv) {
  boost::asio::io_context context;
  try {
    const auto browser = launcher::launch(context.get_executor(), launcher::find_helper({}),
                                          request_for(std::vector<std::string>(argv + 1, argv + argc)));
    const UniqueFd devtools = browser->take_devtools();
    run_to_end(context, browser->ready(Deadline::after(std::chrono::seconds(60))));
    open_page(devtools.get());
    std::cout << "init " << browser->init() << " parent " << ::getpid() << std::endl;
    pollfd input{0, POLLIN, 0};
    ::poll(&input, 1, -1);
    return 0;
  } catch (const Failure& failure) {
    std::cout << "failed: " << failure.message() << " (" << failure.hint() << ")" << std::endl;
    return 1;
  }
}

#include "agent/cli/daemon_client.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include "agent/base/secret.h"
#include "agent/services/form.h"

namespace totpilot::cli {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

using services::Field;
using services::Operation;
using services::Verb;
using Local = asio::local::stream_protocol;
using SocketStream = beast::basic_stream<Local>;
using DaemonRequest = http::request<http::string_body>;
using AnswerParser = http::response_parser<http::string_body>;

constexpr std::uint64_t kLongestAnswer = std::uint64_t{64} << 20;

Failure gone(const std::filesystem::path& socket) {
  return Failure(Outcome::kBusy, "the daemon at " + socket.string() + " went away",
                 "see its log; with it stopped, commands do their work themselves");
}

std::string encoded(std::string_view text) { return boost::urls::encode(text, boost::urls::unreserved_chars); }

std::string text_of(const nlohmann::json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

/// The row's path with what it names from the arguments, which are taken out of them.
std::string path_of(const Operation& operation, nlohmann::json& arguments) {
  std::string path = "/v1";
  std::string_view rest = operation.path;
  for (std::size_t open = rest.find('{'); open != std::string_view::npos; open = rest.find('{')) {
    const std::size_t close = rest.find('}', open);
    const std::string name(rest.substr(open + 1, close - open - 1));
    path += rest.substr(0, open);
    path += encoded(text_of(arguments.at(name)));
    arguments.erase(name);
    rest.remove_prefix(close + 1);
  }
  return path.append(rest);
}

std::string query_of(const nlohmann::json& arguments) {
  std::string query;
  const auto add = [&query](const std::string& name, const nlohmann::json& value) {
    query += fmt::format("{}{}={}", query.empty() ? '?' : '&', encoded(name), encoded(text_of(value)));
  };
  for (const auto& [name, value] : arguments.items()) {
    if (value.is_null()) continue;
    if (!value.is_array()) add(name, value);
    if (value.is_array())
      for (const auto& one : value) add(name, one);
  }
  return query;
}

DaemonRequest request_for(const Operation& operation, nlohmann::json arguments) {
  std::string target = path_of(operation, arguments);
  const bool in_query = operation.verb == Verb::kGet || operation.verb == Verb::kDelete;
  if (in_query) target += query_of(arguments);
  DaemonRequest request(http::string_to_verb(std::string(services::verb_name(operation.verb))), target, 11);
  request.set(http::field::host, "localhost");
  request.set(http::field::connection, "close");
  if (!in_query) {
    request.set(http::field::content_type, "application/json");
    request.body() = arguments.dump();
  }
  request.prepare_payload();
  return request;
}

/// What a problem+json says.
Failure failure_of(const nlohmann::json& problem) {
  const auto outcome = outcome_from_name(problem.value("outcome", ""));
  return Failure(outcome.value_or(Outcome::kInternal), problem.value("detail", "the daemon refused, and says no more"),
                 problem.value("hint", ""));
}

task<SocketStream> connected(std::filesystem::path socket, Deadline deadline) {
  SocketStream stream(co_await asio::this_coro::executor);
  stream.expires_at(deadline.when());
  boost::system::error_code error;
  co_await stream.async_connect(Local::endpoint(socket.string()), asio::redirect_error(asio::use_awaitable, error));
  if (error) throw gone(socket);
  co_return stream;
}

/// The events of a stream as they come.
class EventReader {
 public:
  explicit EventReader(std::function<void(const nlohmann::json&)> on_event) : on_event_(std::move(on_event)) {}

  /// True once the job needs nobody who watches it any more.
  bool take(std::string& text) {
    for (std::size_t end = text.find("\n\n"); end != std::string::npos; end = text.find("\n\n")) {
      take_one(std::string_view(text).substr(0, end));
      text.erase(0, end + 2);
    }
    return over_;
  }
  const std::string& last_id() const { return last_id_; }

 private:
  void take_one(std::string_view lines) {
    std::string data;
    for (std::size_t from = 0; from <= lines.size();) {
      const std::size_t end = std::min(lines.find('\n', from), lines.size());
      const std::string_view line = lines.substr(from, end - from);
      if (line.starts_with("id: ")) last_id_ = line.substr(4);
      if (line.starts_with("data: ")) data += line.substr(6);
      from = end + 1;
    }
    const auto event = nlohmann::json::parse(data, nullptr, false);
    if (!event.is_object()) return;
    on_event_(event);
    const std::string type = event.value("type", "");
    over_ = over_ || type == "job.ended" || type == "job.needs_input";
  }

  std::function<void(const nlohmann::json&)> on_event_;
  std::string last_id_;
  bool over_ = false;
};

}  // namespace

bool DaemonClient::answers_at(const std::filesystem::path& socket) {
  asio::io_context context;
  Local::socket probe(context);
  boost::system::error_code error;
  if (socket.string().size() >= sizeof(sockaddr_un::sun_path)) return false;
  probe.connect(Local::endpoint(socket.string()), error);
  return !error;
}

task<nlohmann::ordered_json> DaemonClient::perform(const Operation& operation, nlohmann::json arguments,
                                                   Deadline deadline) const {
  DaemonRequest request = request_for(operation, std::move(arguments));
  SocketStream stream = co_await connected(socket_, deadline);
  AnswerParser parser;
  parser.body_limit(kLongestAnswer);
  boost::system::error_code error;
  co_await http::async_write(stream, request, asio::redirect_error(asio::use_awaitable, error));
  wipe(request.body());
  beast::flat_buffer buffer;
  if (!error) co_await http::async_read(stream, buffer, parser, asio::redirect_error(asio::use_awaitable, error));
  if (error == beast::error::timeout) throw Failure(Outcome::kTimedOut, "the daemon did not answer in time");
  if (error) throw gone(socket_);
  auto answer = nlohmann::ordered_json::parse(parser.get().body(), nullptr, false);
  wipe(parser.get().body());
  if (answer.is_discarded()) throw Failure(Outcome::kInternal, "the daemon's answer is no JSON");
  if (parser.get().result_int() >= 400) throw failure_of(answer);
  co_return answer;
}

task<void> DaemonClient::follow(std::string job, std::function<void(const nlohmann::json& event)> on_event,
                                Deadline deadline) const {
  EventReader reader(std::move(on_event));
  for (bool over = false; !over;) {
    SocketStream stream = co_await connected(socket_, deadline);
    DaemonRequest request(http::verb::get, fmt::format("/v1/jobs/{}/events", encoded(job)), 11);
    request.set(http::field::host, "localhost");
    // From the first, and after a break from the one behind the last seen.
    request.set("Last-Event-ID", reader.last_id().empty() ? "0" : reader.last_id());
    boost::system::error_code error;
    co_await http::async_write(stream, request, asio::redirect_error(asio::use_awaitable, error));
    AnswerParser parser;
    parser.body_limit(boost::none);
    beast::flat_buffer buffer;
    while (!error && !over && !parser.is_done()) {
      co_await http::async_read_some(stream, buffer, parser, asio::redirect_error(asio::use_awaitable, error));
      if (parser.is_header_done() && parser.get().result_int() >= 400)
        throw Failure(Outcome::kInternal, "the daemon does not tell how its job goes");
      over = reader.take(parser.get().body());
    }
    if (error == beast::error::timeout)
      throw Failure(Outcome::kTimedOut, "the job has not ended in time; it goes on", "totpilot job show " + job);
  }
}

}  // namespace totpilot::cli

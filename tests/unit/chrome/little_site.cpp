#include "tests/unit/chrome/little_site.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <mutex>
#include <thread>

namespace totpilot::tests {
namespace {

namespace http = boost::beast::http;
using boost::asio::ip::tcp;

struct Visit {
  explicit Visit(tcp::socket accepted) : socket(std::move(accepted)) {}
  tcp::socket socket;
  boost::beast::flat_buffer buffer{64 * 1024};
  http::request<http::string_body> request;
  http::response<http::string_body> response;
};

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

LittleSite::Request request_of(const http::request<http::string_body>& message) {
  const std::string target(message.target());
  LittleSite::Request request{target.substr(0, target.find('?')), {}};
  for (const auto& field : message) request.headers[lower_case(field.name_string())] = field.value();
  return request;
}

}  // namespace

struct LittleSite::Server {
  Server() {
    accept();
    thread = std::thread([this] { context.run(); });
  }
  ~Server() {
    context.stop();
    thread.join();
  }

  void accept() {
    acceptor.async_accept([this](boost::system::error_code error, tcp::socket socket) {
      if (error) return;
      serve(std::make_shared<Visit>(std::move(socket)));
      accept();
    });
  }

  void serve(const std::shared_ptr<Visit>& visit) {
    http::async_read(
        visit->socket, visit->buffer, visit->request, [this, visit](boost::system::error_code error, std::size_t) {
          if (error) return;
          answer(*visit);
          http::async_write(visit->socket, visit->response, [visit](boost::system::error_code, std::size_t) {
            boost::system::error_code ignored;
            visit->socket.shutdown(tcp::socket::shutdown_send, ignored);
          });
        });
  }

  void answer(Visit& visit) {
    const Request request = request_of(visit.request);
    Handler handler;
    {
      const std::lock_guard lock(mutex);
      ++requests[request.path];
      last[request.path] = request;
      if (const auto found = handlers.find(request.path); found != handlers.end()) handler = found->second;
    }
    Response response{handler ? 200U : 404U, {{"Content-Type", "text/html; charset=utf-8"}}, ""};
    if (handler) handler(request, response);
    visit.response.version(11);
    visit.response.keep_alive(false);
    visit.response.result(response.status);
    for (const auto& [name, value] : response.headers) visit.response.set(name, value);
    visit.response.body() = response.body;
    visit.response.prepare_payload();
  }

  boost::asio::io_context context;
  tcp::acceptor acceptor{context, {boost::asio::ip::address_v4::loopback(), 0}};
  std::mutex mutex;
  std::map<std::string, Handler> handlers;
  std::map<std::string, int> requests;
  std::map<std::string, Request> last;
  std::thread thread;
};

LittleSite::LittleSite() : server_(std::make_unique<Server>()) {}
LittleSite::~LittleSite() = default;

std::string LittleSite::origin(const std::string& host) const {
  return "http://" + host + ":" + std::to_string(server_->acceptor.local_endpoint().port());
}

void LittleSite::page(const std::string& path, const std::string& html) {
  handle(path, [html](const Request&, Response& response) { response.body = html; });
}

void LittleSite::handle(const std::string& path, Handler handler) {
  const std::lock_guard lock(server_->mutex);
  server_->handlers[path] = std::move(handler);
}

int LittleSite::requests(const std::string& path) const {
  const std::lock_guard lock(server_->mutex);
  return server_->requests[path];
}

std::string LittleSite::header(const std::string& path, const std::string& name) const {
  const std::lock_guard lock(server_->mutex);
  return server_->last[path].headers[lower_case(name)];
}

}  // namespace totpilot::tests

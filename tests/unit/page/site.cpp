#include "tests/unit/page/site.h"

#include <boost/asio/detached.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <fstream>
#include <sstream>

namespace totpilot::tests {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

std::string file_text(const std::string& path) {
  std::ifstream file(std::string(TOTPILOT_SOURCE_DIR) + "/tests/unit/page/site" + path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return file ? text.str() : std::string();
}

std::string type_of(const std::string& path) {
  if (path.ends_with(".js")) return "text/javascript";
  if (path.ends_with(".svg")) return "image/svg+xml";
  return "text/html; charset=utf-8";
}

http::response<http::string_body> answer(const http::request<http::string_body>& request) {
  const std::string target(request.target());
  const std::string path = target.substr(0, target.find('?'));
  const std::string query = target.find('?') == std::string::npos ? "" : target.substr(target.find('?') + 1);
  http::response<http::string_body> response;
  response.version(11);
  response.set(http::field::date, "Tue, 24 Nov 2026 10:15:30 GMT");
  response.set(http::field::content_type, "text/html; charset=utf-8");
  if (path.starts_with("/status/")) {
    response.result(static_cast<unsigned>(std::stoi(path.substr(8))));
    response.body() = "<!doctype html><title>status</title><h1>status</h1>";
  } else if (path == "/redirect") {
    response.result(http::status::found);
    response.set(http::field::location, query.substr(3));
  } else if (path == "/download") {
    response.set(http::field::content_disposition, "attachment; filename=\"codes.txt\"");
    response.set(http::field::content_type, "text/plain");
    response.body() = "ABCD-1234\nEFGH-5678\n";
  } else if (const std::string text = file_text(path); !text.empty()) {
    response.set(http::field::content_type, type_of(path));
    response.body() = text;
  } else {
    response.result(http::status::not_found);
    response.body() = "<!doctype html><h1>not here</h1>";
  }
  if (request.method() == http::verb::head) response.body().clear();
  response.keep_alive(request.keep_alive());
  response.prepare_payload();
  return response;
}

}  // namespace

Site::Site() {
  listen(0);
  listen(1);
  thread_ = std::thread([this] { context_.run(); });
}

Site::~Site() {
  context_.stop();
  thread_.join();
}

void Site::listen(std::size_t which) {
  auto acceptor = std::make_shared<tcp::acceptor>(context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  ports_[which] = acceptor->local_endpoint().port();
  asio::co_spawn(context_, accept(std::move(acceptor)), asio::detached);
}

int Site::asked(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto found = asked_.find(path);
  return found == asked_.end() ? 0 : found->second;
}

task<void> Site::accept(std::shared_ptr<tcp::acceptor> acceptor) {
  for (;;) {
    tcp::socket socket = co_await acceptor->async_accept(asio::use_awaitable);
    asio::co_spawn(context_, serve(std::move(socket)), asio::detached);
  }
}

task<void> Site::serve(tcp::socket socket) {
  beast::flat_buffer buffer;
  boost::system::error_code ended;
  while (!ended) {
    http::request<http::string_body> request;
    co_await http::async_read(socket, buffer, request, asio::redirect_error(asio::use_awaitable, ended));
    if (ended) co_return;
    const std::string target(request.target());
    {
      const std::lock_guard lock(mutex_);
      ++asked_[target.substr(0, target.find('?'))];
    }
    auto response = answer(request);
    co_await http::async_write(socket, response, asio::redirect_error(asio::use_awaitable, ended));
    if (!request.keep_alive()) co_return;
  }
}

}  // namespace totpilot::tests

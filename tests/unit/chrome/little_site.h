#pragma once
// LittleSite: a web server on loopback with a few pages, on a thread of its own. Every request is counted by its path.
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace totpilot::tests {

namespace http = boost::beast::http;

class LittleSite {
 public:
  using Request = http::request<http::string_body>;
  using Response = http::response<http::string_body>;
  using Handler = std::function<void(const Request&, Response&)>;

  LittleSite() : acceptor_(context_, {boost::asio::ip::address_v4::loopback(), 0}) {
    accept();
    thread_ = std::thread([this] { context_.run(); });
  }
  ~LittleSite() {
    context_.stop();
    thread_.join();
  }
  LittleSite(const LittleSite&) = delete;
  LittleSite& operator=(const LittleSite&) = delete;

  /// "http://127.0.0.1:port"; another origin of the same server under another name.
  std::string origin(const std::string& host = "127.0.0.1") const {
    return "http://" + host + ":" + std::to_string(acceptor_.local_endpoint().port());
  }
  /// What a path answers; an HTML document by default. Before the browser asks for it.
  void page(const std::string& path, const std::string& html) {
    handle(path, [html](const Request&, Response& response) { response.body() = html; });
  }
  void handle(const std::string& path, Handler handler) {
    const std::lock_guard lock(mutex_);
    handlers_[path] = std::move(handler);
  }
  int requests(const std::string& path) const {
    const std::lock_guard lock(mutex_);
    const auto found = requests_.find(path);
    return found == requests_.end() ? 0 : found->second;
  }
  /// The last request's header; empty when there was none.
  std::string header(const std::string& path, const std::string& name) const {
    const std::lock_guard lock(mutex_);
    const auto found = last_.find(path);
    return found == last_.end() ? "" : std::string(found->second[name]);
  }

 private:
  struct Visit {
    explicit Visit(boost::asio::ip::tcp::socket accepted) : socket(std::move(accepted)) {}
    boost::asio::ip::tcp::socket socket;
    boost::beast::flat_buffer buffer{64 * 1024};
    Request request;
    Response response;
  };

  void accept() {
    acceptor_.async_accept([this](boost::system::error_code error, boost::asio::ip::tcp::socket socket) {
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
            visit->socket.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
          });
        });
  }

  void answer(Visit& visit) {
    const std::string target(visit.request.target());
    const std::string path = target.substr(0, target.find('?'));
    Handler handler;
    {
      const std::lock_guard lock(mutex_);
      ++requests_[path];
      last_[path] = visit.request;
      if (const auto found = handlers_.find(path); found != handlers_.end()) handler = found->second;
    }
    visit.response.version(11);
    visit.response.keep_alive(false);
    visit.response.set(http::field::content_type, "text/html; charset=utf-8");
    visit.response.result(handler ? http::status::ok : http::status::not_found);
    if (handler) handler(visit.request, visit.response);
    visit.response.prepare_payload();
  }

  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  mutable std::mutex mutex_;
  std::map<std::string, Handler> handlers_;
  std::map<std::string, int> requests_;
  std::map<std::string, Request> last_;
  std::thread thread_;
};

}  // namespace totpilot::tests

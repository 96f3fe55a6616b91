#include "tests/practice/tests/visitor.h"

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <utility>

#include "tests/practice/oath.h"

namespace totpilot::practice {
namespace {

namespace http = boost::beast::http;
using tcp = boost::asio::ip::tcp;

std::string url_encode(const std::string& text) {
  std::string result;
  for (const char letter : text) {
    if (std::isalnum(static_cast<unsigned char>(letter)) != 0) {
      result.push_back(letter);
    } else {
      result += fmt::format("%{:02X}", static_cast<unsigned char>(letter));
    }
  }
  return result;
}

}  // namespace

std::string Answer::between(const std::string& before, const std::string& after) const {
  const std::size_t start = body.find(before);
  if (start == std::string::npos) return {};
  const std::size_t from = start + before.size();
  return body.substr(from, body.find(after, from) - from);
}

Visitor::Visitor(std::string url) {
  const std::size_t slashes = url.find("//") + 2;
  const std::size_t colon = url.rfind(':');
  host_ = url.substr(slashes, colon - slashes);
  port_ = url.substr(colon + 1);
  origin_ = std::move(url);
}

Answer Visitor::send(const std::string& method, const std::string& target, const std::string& body) {
  boost::asio::io_context io;
  tcp::socket socket(io);
  boost::asio::connect(socket, tcp::resolver(io).resolve(tcp::v4(), host_, port_));
  socket.set_option(tcp::no_delay(true));
  http::request<http::string_body> request(http::string_to_verb(method), target, 11);
  request.set(http::field::host, host_);
  if (!cookie_.empty()) request.set(http::field::cookie, cookie_);
  if (method == "POST") {
    request.set(http::field::origin, origin_);
    request.set(http::field::content_type, "application/x-www-form-urlencoded");
    request.body() = body;
  }
  request.prepare_payload();
  http::write(socket, request);

  boost::beast::flat_buffer buffer;
  http::response<http::string_body> response;
  boost::system::error_code error;
  http::read(socket, buffer, response, error);
  if (error) return {.lost = true, .location = {}, .date = {}, .body = {}};
  if (const auto set = std::string(response[http::field::set_cookie]); !set.empty())
    cookie_ = set.substr(0, set.find(';'));
  Answer answer{.status = response.result_int(),
                .location = std::string(response[http::field::location]),
                .date = std::string(response[http::field::date]),
                .body = response.body()};
  if (std::string token = answer.between("name=\"_token\" value=\"", "\""); !token.empty()) token_ = token;
  return answer;
}

Answer Visitor::get(const std::string& target) { return send("GET", target, {}); }

Answer Visitor::post(const std::string& target, std::map<std::string, std::string> fields) {
  fields.emplace("_token", token_);
  std::string body;
  for (const auto& [name, value] : fields) body += (body.empty() ? "" : "&") + name + "=" + url_encode(value);
  return send("POST", target, body);
}

Answer Visitor::sign_in(const std::string& user, const std::string& password) {
  get("/login");
  return post("/login", {{"username", user}, {"password", password}});
}

std::string Visitor::open_enrolment() {
  std::string key = get("/account/security/enroll").between("data-testid=\"totp-key\">", "<");
  std::erase(key, ' ');
  return key;
}

Answer Visitor::send_code(const std::string& target, const std::string& secret,
                          std::chrono::sys_time<std::chrono::milliseconds> time) {
  return post(target, {{"code", code_for(secret, window_at(time, {}), {})}});
}

}  // namespace totpilot::practice

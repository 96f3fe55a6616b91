#pragma once
// A request and a response as the pages see them; knows no socket.
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace totpilot::practice {

struct Request {
  std::string method;
  std::string path;  // without the query
  std::string target;
  std::map<std::string, std::string> query;
  std::map<std::string, std::string> form;
  std::map<std::string, std::string> cookies;
  std::string origin;
  std::string referer;
  std::string body;

  /// The form's value; empty when it is not there.
  std::string field(const std::string& name) const;
};

struct Response {
  /// What becomes of the answer on the wire.
  enum class Delivery { kSend, kSendAndClose, kDropConnection };

  unsigned status = 200;
  std::string content_type = "text/html; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  Delivery delivery = Delivery::kSend;
};

Response redirect(const std::string& to);

}  // namespace totpilot::practice

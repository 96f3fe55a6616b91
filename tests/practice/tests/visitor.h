#pragma once
// Visitor: somebody at a browser without scripts, for the practice site's own tests: keeps cookies, sends the page's
// form token, follows no redirect by itself.
#include <chrono>
#include <map>
#include <optional>
#include <string>

namespace totpilot::practice {

struct Answer {
  bool lost = false;  // the connection closed without an answer
  unsigned status = 0;
  std::string location;
  std::string date;
  std::string body;

  bool shows(const std::string& text) const { return body.find(text) != std::string::npos; }
  /// What stands between `before` and `after`; empty when it does not.
  std::string between(const std::string& before, const std::string& after) const;
};

class Visitor {
 public:
  /// `url` as Site::base_url() gives it.
  explicit Visitor(std::string url);

  Answer get(const std::string& target);
  /// Posts the fields with the token of the page that was read last.
  Answer post(const std::string& target, std::map<std::string, std::string> fields);

  /// Signs in with the password alone; the answer to the form.
  Answer sign_in(const std::string& user, const std::string& password);
  /// Opens the set-up page and returns the key that it shows, without spaces.
  std::string open_enrolment();
  /// Sends the code of `secret` in the window that holds `time` to a form.
  Answer send_code(const std::string& target, const std::string& secret,
                   std::chrono::sys_time<std::chrono::milliseconds> time);

  /// As if the site had set it.
  void set_cookie(const std::string& name, const std::string& value) { cookie_ = name + "=" + value; }
  void set_origin(std::string origin) { origin_ = std::move(origin); }

 private:
  Answer send(const std::string& method, const std::string& target, const std::string& body);

  std::string host_;
  std::string port_;
  std::string origin_;
  std::string token_;
  std::string cookie_;
};

}  // namespace totpilot::practice

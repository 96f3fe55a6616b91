#include "tests/practice/http.h"

namespace totpilot::practice {

std::string Request::field(const std::string& name) const {
  const auto found = form.find(name);
  return found == form.end() ? std::string() : found->second;
}

Response redirect(const std::string& to) {
  Response response{.status = 303, .content_type = "text/plain", .body = {}, .headers = {}};
  response.headers.emplace_back("Location", to);
  return response;
}

}  // namespace totpilot::practice

#pragma once
// LittleSite: a web server on loopback with a few pages, on a thread of its own. Every request is counted by its path.
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace totpilot::tests {

class LittleSite {
 public:
  struct Request {
    std::string path;                            // without its query
    std::map<std::string, std::string> headers;  // names in lower case
  };
  struct Response {
    unsigned status = 200;
    std::map<std::string, std::string> headers;
    std::string body;
  };
  using Handler = std::function<void(const Request&, Response&)>;

  LittleSite();
  ~LittleSite();
  LittleSite(const LittleSite&) = delete;
  LittleSite& operator=(const LittleSite&) = delete;

  /// "http://127.0.0.1:port"; another origin of the same server under another name.
  std::string origin(const std::string& host = "127.0.0.1") const;
  /// What a path answers; an HTML document by default. Before the browser asks for it.
  void page(const std::string& path, const std::string& html);
  void handle(const std::string& path, Handler handler);
  int requests(const std::string& path) const;
  /// Of the last request to the path, by its name in any case; empty when there was none.
  std::string header(const std::string& path, const std::string& name) const;

 private:
  struct Server;
  std::unique_ptr<Server> server_;
};

}  // namespace totpilot::tests

#pragma once
// TlsFiles: the certificate and key of the TCP listener, read again when they change on the disk.
#include <boost/asio/ssl/context.hpp>
#include <filesystem>
#include <memory>

namespace totpilot::api {

class TlsFiles {
 public:
  /// invalid_input when they cannot be used.
  TlsFiles(std::filesystem::path certificate, std::filesystem::path key);

  /// For the next connection. New files that cannot be used are warned of once, and the old ones stay. Shared: a
  /// connection keeps the one it began with.
  std::shared_ptr<boost::asio::ssl::context> current();

 private:
  using Times = std::pair<std::filesystem::file_time_type, std::filesystem::file_time_type>;
  Times times() const;
  std::shared_ptr<boost::asio::ssl::context> load() const;

  std::filesystem::path certificate_;
  std::filesystem::path key_;
  Times seen_;
  std::shared_ptr<boost::asio::ssl::context> context_;
};

}  // namespace totpilot::api

#include "agent/api/tls.h"

#include <fmt/format.h>

#include "agent/base/failure.h"
#include "agent/base/log.h"

namespace totpilot::api {

namespace ssl = boost::asio::ssl;

TlsFiles::TlsFiles(std::filesystem::path certificate, std::filesystem::path key)
    : certificate_(std::move(certificate)), key_(std::move(key)), seen_(times()), context_(load()) {}

TlsFiles::Times TlsFiles::times() const {
  std::error_code ignored;
  return {std::filesystem::last_write_time(certificate_, ignored), std::filesystem::last_write_time(key_, ignored)};
}

std::shared_ptr<ssl::context> TlsFiles::load() const {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 | ssl::context::no_sslv3 |
                       ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
  boost::system::error_code error;
  context->use_certificate_chain_file(certificate_.string(), error);
  if (error)
    throw Failure(Outcome::kInvalidInput, fmt::format("{}: is no certificate that can be used", certificate_.string()),
                  "a PEM file with the certificate first, then its chain");
  context->use_private_key_file(key_.string(), ssl::context::pem, error);
  if (error)
    throw Failure(Outcome::kInvalidInput, fmt::format("{}: is not the key of the certificate", key_.string()),
                  "a PEM file without a passphrase");
  return context;
}

std::shared_ptr<ssl::context> TlsFiles::current() {
  const Times now = times();
  if (now == seen_) return context_;
  seen_ = now;
  try {
    context_ = load();
    log::info("the TLS certificate was read again");
  } catch (const Failure& failure) {
    log::warn("the new TLS certificate is not used: {}", failure.message());
  }
  return context_;
}

}  // namespace totpilot::api

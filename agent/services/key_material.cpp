#include "agent/services/key_material.h"

#include "agent/base/encoding.h"
#include "agent/qr/decoder.h"
#include "agent/totp/base32.h"
#include "agent/totp/migration.h"

namespace totpilot::services {
namespace {

bool is_picture(std::string_view bytes) {
  return bytes.starts_with("\x89PNG\r\n") || bytes.starts_with("\xFF\xD8\xFF");
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

[[noreturn]] void refuse(const std::string& message, const std::string& hint = {}) {
  throw Failure(Outcome::kInvalidInput, message, hint);
}

bool names(const totp::OtpAuth& entry, const std::string& wanted) {
  return entry.issuer == wanted || entry.account == wanted || entry.issuer + ":" + entry.account == wanted;
}

/// The one entry of a migration that is meant.
totp::OtpAuth entry_of(std::string_view uri, const std::string& wanted) {
  auto migration = totp::parse_migration(uri);
  if (!migration) refuse(migration.error());
  std::string known;
  totp::OtpAuth* chosen = nullptr;
  int matches = 0;
  for (auto& entry : migration->entries) {
    known += fmt::format("{}\"{}:{}\"", known.empty() ? "" : ", ", entry.issuer, entry.account);
    if (!wanted.empty() && !names(entry, wanted)) continue;
    chosen = &entry;
    ++matches;
  }
  if (matches == 1) return std::move(*chosen);
  if (migration->entries.empty())
    refuse(migration->refused.empty() ? "the transfer code holds no account"
                                      : "the transfer code holds no usable account: " + migration->refused.front());
  refuse(matches == 0 ? "the transfer code holds no account of that name" : "the transfer code holds several accounts",
         fmt::format("choose one with --entry; it holds {}", known));
}

totp::Parameters parameters_of(const ImportFactor& request) {
  totp::Parameters parameters;
  if (request.algorithm) {
    const auto algorithm = totp::algorithm_from_name(*request.algorithm);
    if (!algorithm) refuse("the algorithm is not known", "SHA1, SHA256 or SHA512");
    parameters.algorithm = *algorithm;
  }
  if (request.digits) parameters.digits = *request.digits;
  if (request.period) parameters.period = std::chrono::seconds(*request.period);
  const auto checked = totp::checked(parameters);
  if (!checked) refuse(checked.error());
  return *checked;
}

KeyMaterial from_text(std::string_view text, const ImportFactor& request) {
  const bool described = request.algorithm || request.digits || request.period;
  text = trimmed(text);
  if (text.empty()) refuse("nothing was given", "a base32 key, an otpauth URI or a picture of the QR code");
  const bool uri = totp::looks_like_migration(text) || totp::looks_like_otpauth(text);
  if (uri && described)
    refuse("the URI says algorithm, digits and period itself", "leave --algorithm, --digits and --period out");
  if (totp::looks_like_migration(text)) return {entry_of(text, request.entry), "import:migration"};
  if (totp::looks_like_otpauth(text)) {
    auto parsed = totp::parse_otpauth(text);
    if (!parsed) refuse(parsed.error());
    return {std::move(*parsed), "import:uri"};
  }
  if (!is_utf8(text)) refuse("this is neither a key, nor a URI, nor a PNG or JPEG picture");
  auto key = totp::base32_decode(text);
  if (!key) refuse(key.error());
  KeyMaterial material;
  material.otpauth.key = std::move(*key);
  material.otpauth.parameters = parameters_of(request);
  material.source = "import:base32";
  return material;
}

}  // namespace

task<KeyMaterial> read_key_material(const ImportFactor& request, Deadline deadline) {
  if (!is_picture(request.material.reveal())) co_return from_text(request.material.reveal(), request);
  const qr::Decoder decoder;
  const Secret text = co_await decoder.decode_one(request.material.duplicate(), deadline);
  if (!totp::looks_like_otpauth(text.reveal()) && !totp::looks_like_migration(text.reveal()))
    refuse("the QR code in the picture is not that of an authenticator app");
  KeyMaterial material = from_text(text.reveal(), request);
  material.source = "import:picture";
  co_return material;
}

}  // namespace totpilot::services

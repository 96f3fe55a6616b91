#include "agent/services/key_material.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ranges>

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

struct KnownFile {
  std::string_view magic;
  std::size_t at;
  std::string_view what;
};

/// What people have at hand instead of a PNG or JPEG picture.
constexpr std::array kOtherFiles = {
    KnownFile{"GIF8", 0, "a GIF picture"},
    KnownFile{"WEBP", 8, "a WebP picture"},
    KnownFile{"ftyp", 4, "a HEIF or AVIF picture, or a film"},
    KnownFile{"II*", 0, "a TIFF picture"},
    KnownFile{"MM\0*", 0, "a TIFF picture"},
    KnownFile{"%PDF", 0, "a PDF document"},
    KnownFile{"PK\x03\x04", 0, "an archive"},
};
constexpr std::string_view kSaveAsPng = "save the QR code as a PNG picture, or give the key as text";

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

/// Files that are neither text nor a picture that is read.
void refuse_other_files(std::string_view bytes) {
  for (const KnownFile& known : kOtherFiles)
    if (bytes.size() > known.at && bytes.substr(known.at).starts_with(std::string_view(known.magic)))
      refuse(fmt::format("this is {}, and only PNG and JPEG pictures are read", known.what), std::string(kSaveAsPng));
  if (!is_utf8(bytes)) refuse("this is neither text nor a PNG or JPEG picture", std::string(kSaveAsPng));
}

/// Text of another kind, by how it begins.
void refuse_other_text(std::string_view text) {
  if (text.starts_with('<'))
    refuse("this is a page or an SVG picture, and only PNG and JPEG pictures are read", std::string(kSaveAsPng));
  if (text.starts_with('{') || text.starts_with('['))
    refuse("this is JSON, perhaps another authenticator's export, which is not read",
           "give one otpauth URI or key out of it");
}

/// Two keys in one file must not become one.
void require_one_line(std::string_view text) {
  int lines = 0;
  int uri = 0;
  for (int number = 1; !text.empty(); ++number) {
    const std::string_view line = trimmed(text.substr(0, text.find('\n')));
    if (!line.empty()) ++lines;
    if (uri == 0 && (totp::looks_like_otpauth(line) || totp::looks_like_migration(line))) uri = number;
    text.remove_prefix(std::min(text.size(), text.find('\n') == text.npos ? text.size() : text.find('\n') + 1));
  }
  if (lines < 2) return;
  refuse(fmt::format("there are {} lines of text, and a key or URI is one{}", lines,
                     uri > 0 ? fmt::format(" (line {} is a URI)", uri) : ""),
         "leave the one that is meant, or join a key that was broken into lines");
}

/// Keys come in groups of one length, of which the last may be shorter.
void require_even_groups(std::string_view text) {
  std::vector<std::size_t> lengths;
  for (const auto part : std::views::split(text, ' '))
    if (!part.empty()) lengths.push_back(static_cast<std::size_t>(std::ranges::distance(part)));
  for (std::size_t i = 1; i < lengths.size(); ++i)
    if (lengths[i] > lengths.front() || (lengths[i] < lengths.front() && i + 1 < lengths.size()))
      refuse(fmt::format("this reads like words and not like a key: group {} has {} characters, the first has {}",
                         i + 1, lengths[i], lengths.front()),
             "give the key alone; if it is one, say so with --odd-key");
}

/// RFC 4226 asks for 128 bits; many apps make 80, and none makes fewer.
void require_long_enough(const Secret& key) {
  constexpr std::size_t kFewestBytes = 10;
  if (key.size() < kFewestBytes)
    refuse(fmt::format("the key has {} bits, and apps make 80 or more", key.size() * 8),
           "look whether it was copied whole; if the app does use so short a key, say so with --odd-key");
}

KeyMaterial bare_key(std::string_view text, const ImportFactor& request) {
  auto key = totp::base32_decode(text);
  if (!key) refuse(key.error(), "give the key as the app shows it, without words around it");
  if (!request.odd_key) require_even_groups(text);
  KeyMaterial material;
  material.otpauth.key = std::move(*key);
  return material;
}

KeyMaterial from_text(std::string_view text, const ImportFactor& request) {
  const bool described = request.algorithm || request.digits || request.period;
  text = trimmed(text);
  if (text.empty()) refuse("nothing was given", "a base32 key, an otpauth URI or a picture of the QR code");
  refuse_other_text(text);
  require_one_line(text);
  const bool uri = totp::looks_like_migration(text) || totp::looks_like_otpauth(text);
  if (uri && described)
    refuse("the URI says algorithm, digits and period itself", "leave --algorithm, --digits and --period out");
  if (totp::looks_like_migration(text)) return {entry_of(text, request.entry), "import:migration"};
  if (totp::looks_like_otpauth(text)) {
    auto parsed = totp::parse_otpauth(text);
    if (!parsed) refuse(parsed.error());
    return {std::move(*parsed), "import:uri"};
  }
  KeyMaterial material = bare_key(text, request);
  material.otpauth.parameters = parameters_of(request);
  material.source = "import:base32";
  return material;
}

}  // namespace

task<KeyText> read_key_text(Secret material, Deadline deadline) {
  if (!is_picture(material.reveal())) {
    refuse_other_files(material.reveal());
    co_return KeyText{.text = std::move(material)};
  }
  const qr::Decoder decoder;
  Secret text = co_await decoder.decode_one(std::move(material), deadline);
  if (!totp::looks_like_otpauth(text.reveal()) && !totp::looks_like_migration(text.reveal()))
    refuse("the QR code in the picture is not that of an authenticator app",
           "take the code of the app's MFA page, or give the key that stands beside it");
  co_return KeyText{.text = std::move(text), .from_picture = true};
}

task<KeyMaterial> read_key_material(const ImportFactor& request, Deadline deadline) {
  const KeyText given = co_await read_key_text(request.material.duplicate(), deadline);
  KeyMaterial material = from_text(given.text.reveal(), request);
  if (given.from_picture || request.from_picture) material.source = "import:picture";
  if (!request.odd_key) require_long_enough(material.otpauth.key);
  co_return material;
}

}  // namespace totpilot::services

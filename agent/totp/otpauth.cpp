#include "agent/totp/otpauth.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "agent/base/encoding.h"
#include "agent/totp/base32.h"
#include "agent/totp/uri.h"

namespace totpilot::totp {
namespace {

constexpr std::size_t kLongestUri = 8uz * 1024;
constexpr std::string_view kScheme = "otpauth://";
constexpr std::string_view kSteamScheme = "steam://";

using Error = std::unexpected<std::string>;

std::optional<int> to_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// The query's items by name, each name once, whatever its case: "Digits=8" must not pass as somebody's vendor
/// parameter.
struct Fields {
  std::optional<std::string_view> secret;
  std::optional<std::string> issuer;
  std::optional<std::string> algorithm;
  std::optional<std::string> digits;
  std::optional<std::string> period;
  std::optional<std::string> encoder;
  std::string vendor;
};

std::expected<Fields, std::string> read_fields(std::string_view query) {
  Fields fields;
  std::vector<std::string> seen;
  for (const QueryItem& item : split_query(query)) {
    const auto name = percent_decode(item.name, Plus::kIsSpace);
    if (!name || name->empty() || !is_utf8(*name)) return Error("the URI has a parameter without a readable name");
    const std::string known = lower_case(*name);
    if (std::ranges::find(seen, known) != seen.end())
      return Error(fmt::format("the URI gives {} twice", quotable(known)));
    seen.push_back(known);
    if (known == "secret") {
      fields.secret = item.value;
      continue;
    }
    auto value = percent_decode(item.value, Plus::kIsSpace);
    if (!value || !is_utf8(*value))
      return Error(fmt::format("the URI's parameter {} is not readable text", quotable(known)));
    if (known == "issuer") {
      fields.issuer = std::move(value);
    } else if (known == "algorithm") {
      fields.algorithm = std::move(value);
    } else if (known == "digits") {
      fields.digits = std::move(value);
    } else if (known == "period") {
      fields.period = std::move(value);
    } else if (known == "encoder") {
      fields.encoder = std::move(value);
    } else {
      fields.vendor += (fields.vendor.empty() ? "" : "&") + url_encode(*name) + "=" + url_encode(*value);
    }
  }
  return fields;
}

std::expected<Parameters, std::string> read_parameters(const Fields& fields, Encoder encoder) {
  Parameters parameters;
  if (fields.encoder) {
    const auto named = encoder_from_name(lower_case(*fields.encoder));
    if (!named) return Error(fmt::format("the URI's encoder, {}, is not known", quotable(*fields.encoder)));
    if (encoder == Encoder::kSteam && *named != Encoder::kSteam)
      return Error("the URI's type and its encoder disagree");
    encoder = *named;
  }
  parameters.encoder = encoder;
  if (encoder == Encoder::kSteam) parameters.digits = kSteamDigits;
  if (fields.algorithm) {
    const auto algorithm = algorithm_from_name(*fields.algorithm);
    if (!algorithm) {
      return Error(fmt::format("the URI's algorithm, {}, is not supported (SHA1, SHA256 and SHA512 are)",
                               quotable(*fields.algorithm)));
    }
    parameters.algorithm = *algorithm;
  }
  if (fields.digits) {
    const auto digits = to_number(*fields.digits);
    if (!digits) return Error(fmt::format("the URI's digits, {}, is no number", quotable(*fields.digits)));
    parameters.digits = *digits;
  }
  if (fields.period) {
    const auto period = to_number(*fields.period);
    if (!period) return Error(fmt::format("the URI's period, {}, is no number", quotable(*fields.period)));
    parameters.period = std::chrono::seconds(*period);
  }
  return checked(parameters);
}

std::expected<Secret, std::string> read_key(std::string_view written) {
  auto decoded = percent_decode(written, Plus::kIsSpace);
  if (!decoded) return Error("the URI's secret is not readable");
  const Secret text(std::move(*decoded));
  return base32_decode(text.reveal());
}

/// "Issuer:account" of the label. The parameter counts where both name an issuer; what the label says is then all
/// account.
void read_label(std::string_view label, const Fields& fields, OtpAuth& into) {
  if (fields.issuer && !fields.issuer->empty()) {
    into.issuer = *fields.issuer;
    if (label.starts_with(into.issuer + ":")) label.remove_prefix(into.issuer.size() + 1);
  } else if (const std::size_t colon = label.find(':'); colon != std::string_view::npos) {
    into.issuer = trimmed(label.substr(0, colon));
    label.remove_prefix(colon + 1);
  }
  into.account = trimmed(label);
}

std::expected<OtpAuth, std::string> parse_steam(std::string_view rest) {
  auto key = read_key(rest.substr(0, rest.find_first_of("/?")));
  if (!key) return Error(std::move(key.error()));
  OtpAuth otpauth;
  otpauth.key = std::move(*key);
  otpauth.parameters.encoder = Encoder::kSteam;
  otpauth.parameters.digits = kSteamDigits;
  otpauth.issuer = "Steam";
  return otpauth;
}

}  // namespace

bool looks_like_otpauth(std::string_view text) {
  text = trimmed(text);
  return same_ignoring_case(text.substr(0, kScheme.size()), kScheme) ||
         same_ignoring_case(text.substr(0, kSteamScheme.size()), kSteamScheme);
}

std::expected<OtpAuth, std::string> parse_otpauth(std::string_view uri) {
  uri = trimmed(uri);
  if (uri.size() > kLongestUri) return Error(fmt::format("the URI is longer than {} bytes", kLongestUri));
  if (!looks_like_otpauth(uri)) return Error("this is no otpauth:// URI");
  if (same_ignoring_case(uri.substr(0, kSteamScheme.size()), kSteamScheme))
    return parse_steam(uri.substr(kSteamScheme.size()));
  uri.remove_prefix(kScheme.size());
  // A reader of URIs drops what follows a '#': parameters that get lost without a word.
  if (uri.contains('#')) return Error("the URI holds a '#'; in a label it is written %23");

  const std::size_t question = std::min(uri.find('?'), uri.size());
  const std::string_view path = uri.substr(0, question);
  const std::string_view query = question < uri.size() ? uri.substr(question + 1) : std::string_view{};
  const std::size_t slash = std::min(path.find('/'), path.size());
  const std::string type = lower_case(path.substr(0, slash));
  if (type == "hotp") return Error("the URI is for counter-based codes (HOTP); totpilot makes time-based ones (TOTP)");
  if (type != "totp" && type != "steam")
    return Error(fmt::format("the URI's type, {}, is not known (totp is)", quotable(type)));

  auto fields = read_fields(query);
  if (!fields) return Error(std::move(fields.error()));
  const auto parameters = read_parameters(*fields, type == "steam" ? Encoder::kSteam : Encoder::kDecimal);
  if (!parameters) return Error(parameters.error());
  if (!fields->secret) return Error("the URI holds no secret");
  auto key = read_key(*fields->secret);
  if (!key) return Error(std::move(key.error()));
  const auto label = percent_decode(slash < path.size() ? path.substr(slash + 1) : std::string_view{}, Plus::kStays);
  if (!label || !is_utf8(*label)) return Error("the URI's label is not readable text");

  OtpAuth otpauth;
  otpauth.key = std::move(*key);
  otpauth.parameters = *parameters;
  otpauth.vendor = std::move(fields->vendor);
  read_label(*label, *fields, otpauth);
  return otpauth;
}

Secret print_otpauth(const OtpAuth& otpauth) {
  const Parameters& parameters = otpauth.parameters;
  std::string head = "otpauth://totp/";
  // An account with a colon of its own needs one before it, or its beginning is read as the issuer.
  if (!otpauth.issuer.empty() || otpauth.account.contains(':')) head += url_encode(otpauth.issuer) + ":";
  head += url_encode(otpauth.account) + "?secret=";
  std::string tail;
  if (!otpauth.issuer.empty()) tail += "&issuer=" + url_encode(otpauth.issuer);
  tail += fmt::format("&algorithm={}&digits={}&period={}", algorithm_name(parameters.algorithm), parameters.digits,
                      parameters.period.count());
  if (parameters.encoder == Encoder::kSteam) tail += "&encoder=steam";
  if (!otpauth.vendor.empty()) tail += "&" + otpauth.vendor;

  const Secret key = base32_encode(otpauth.key);
  Secret uri = Secret::zeros(head.size() + key.size() + tail.size());
  const auto out = uri.writable();
  auto end = std::ranges::copy(head, out.begin()).out;
  end = std::ranges::copy(key.reveal(), end).out;
  std::ranges::copy(tail, end);
  return uri;
}

}  // namespace totpilot::totp

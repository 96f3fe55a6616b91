#include "agent/totp/migration.h"

#include <fmt/format.h>

#include <cstdint>
#include <optional>

#include "agent/base/encoding.h"
#include "agent/totp/uri.h"

namespace totpilot::totp {
namespace {

using Error = std::unexpected<std::string>;

constexpr std::string_view kPrefix = "otpauth-migration://offline?";
constexpr std::size_t kLongestMigrationUri = 64uz * 1024;
constexpr std::size_t kMostEntries = 200;

/// Field numbers and values of Google Authenticator's MigrationPayload, as its exports hold them.
namespace payload {
constexpr std::uint64_t kEntry = 1;
constexpr std::uint64_t kBatchSize = 3;
constexpr std::uint64_t kBatchIndex = 4;
}  // namespace payload
namespace entry {
constexpr std::uint64_t kSecret = 1;
constexpr std::uint64_t kName = 2;
constexpr std::uint64_t kIssuer = 3;
constexpr std::uint64_t kAlgorithm = 4;  // 1 SHA1, 2 SHA256, 3 SHA512, 4 MD5; left out: the format's default
constexpr std::uint64_t kDigits = 5;     // 1 six, 2 eight; left out: the format's default
constexpr std::uint64_t kType = 6;       // 1 HOTP, 2 TOTP
}  // namespace entry

struct Field {
  std::uint64_t number = 0;
  std::uint64_t value = 0;  // of a varint field
  std::string_view bytes;   // of a length-delimited field
  bool is_bytes = false;
};

/// Reads protobuf's wire format (varint and length-delimited fields; fixed ones are skipped), never past its end.
class WireReader {
 public:
  explicit WireReader(std::string_view data) : data_(data) {}

  bool done() const { return data_.empty(); }

  /// Nothing for damaged data.
  std::optional<Field> next() {
    const auto tag = varint();
    if (!tag) return std::nullopt;
    Field field;
    field.number = *tag >> 3U;
    switch (*tag & 7U) {
      case 0: {
        const auto value = varint();
        if (!value) return std::nullopt;
        field.value = *value;
        return field;
      }
      case 1:
        return skip(field, 8);
      case 2: {
        const auto size = varint();
        if (!size || *size > data_.size()) return std::nullopt;
        field.bytes = data_.substr(0, *size);
        field.is_bytes = true;
        data_.remove_prefix(*size);
        return field;
      }
      case 5:
        return skip(field, 4);
      default:
        return std::nullopt;
    }
  }

 private:
  std::optional<Field> skip(Field field, std::size_t size) {
    if (data_.size() < size) return std::nullopt;
    data_.remove_prefix(size);
    return field;
  }

  std::optional<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (data_.empty()) return std::nullopt;
      const auto byte = static_cast<unsigned char>(data_.front());
      data_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if ((byte & 0x80U) == 0) return value;
    }
    return std::nullopt;
  }

  std::string_view data_;
};

struct Entry {
  OtpAuth otpauth;
  std::string refused;  // why it cannot be used; empty: it can
};

/// The error is about damaged data; an entry that is whole but not for us comes back refused.
std::expected<Entry, std::string> read_entry(std::string_view data) {
  Entry read;
  std::string name;
  std::uint64_t algorithm = 0;
  std::uint64_t digits = 0;
  std::uint64_t type = 0;
  for (WireReader reader(data); !reader.done();) {
    const auto field = reader.next();
    if (!field) return Error("the migration data is damaged");
    if (field->number == entry::kSecret && field->is_bytes) read.otpauth.key = Secret::copy_of(field->bytes);
    if (field->number == entry::kName && field->is_bytes) name = field->bytes;
    if (field->number == entry::kIssuer && field->is_bytes) read.otpauth.issuer = field->bytes;
    if (field->number == entry::kAlgorithm) algorithm = field->value;
    if (field->number == entry::kDigits) digits = field->value;
    if (field->number == entry::kType) type = field->value;
  }
  if (!is_utf8(name) || !is_utf8(read.otpauth.issuer))
    return Error("the migration data holds a name that is not UTF-8");
  const std::string prefix = read.otpauth.issuer + ":";
  if (!read.otpauth.issuer.empty() && name.starts_with(prefix)) name.erase(0, prefix.size());
  read.otpauth.account = trimmed(name);

  if (read.otpauth.key.empty()) read.refused = "it has no key";
  if (type != 2) read.refused = type == 1 ? "it is counter-based (HOTP)" : "its type is not known";
  switch (algorithm) {
    case 0:
    case 1:
      break;
    case 2:
      read.otpauth.parameters.algorithm = Algorithm::kSha256;
      break;
    case 3:
      read.otpauth.parameters.algorithm = Algorithm::kSha512;
      break;
    default:
      read.refused = "its algorithm is not supported";
  }
  switch (digits) {
    case 0:
    case 1:
      break;
    case 2:
      read.otpauth.parameters.digits = 8;
      break;
    default:
      read.refused = "its number of digits is not known";
  }
  return read;
}

/// Standard or URL alphabet, padded or not: apps write all four.
std::optional<Secret> decode_payload(std::string_view query) {
  for (const QueryItem& item : split_query(query)) {
    if (item.name != "data") continue;
    auto text = percent_decode(item.value, Plus::kStays);
    if (!text) return std::nullopt;
    std::string written;
    written.reserve(text->size() + 3);  // so that padding leaves no unwiped copy behind
    written = *text;
    wipe(*text);
    for (char& c : written) {
      if (c == '-') c = '+';
      if (c == '_') c = '/';
    }
    while (written.size() % 4 != 0) written += '=';
    auto decoded = base64_decode(written);
    wipe(written);
    if (!decoded) return std::nullopt;
    return Secret(std::move(*decoded));
  }
  return std::nullopt;
}

}  // namespace

bool looks_like_migration(std::string_view text) {
  return same_ignoring_case(trimmed(text).substr(0, kPrefix.size()), kPrefix);
}

std::expected<Migration, std::string> parse_migration(std::string_view uri) {
  uri = trimmed(uri);
  if (!looks_like_migration(uri)) return Error("this is no otpauth-migration:// URI");
  if (uri.size() > kLongestMigrationUri)
    return Error(fmt::format("the URI is longer than {} bytes", kLongestMigrationUri));
  const auto data = decode_payload(uri.substr(kPrefix.size()));
  if (!data) return Error("the migration URI's data is not base64");

  Migration migration;
  std::size_t number = 0;
  for (WireReader reader(data->reveal()); !reader.done();) {
    const auto field = reader.next();
    if (!field) return Error("the migration data is damaged");
    if (field->number == payload::kBatchSize && field->value <= kMostEntries)
      migration.batch_size = static_cast<int>(field->value);
    if (field->number == payload::kBatchIndex && field->value <= kMostEntries)
      migration.batch_index = static_cast<int>(field->value);
    if (field->number != payload::kEntry || !field->is_bytes) continue;
    if (++number > kMostEntries) return Error(fmt::format("the migration holds more than {} entries", kMostEntries));
    auto read = read_entry(field->bytes);
    if (!read) return Error(std::move(read.error()));
    if (read->refused.empty()) {
      migration.entries.push_back(std::move(read->otpauth));
    } else {
      const std::string& name = read->otpauth.issuer.empty() ? read->otpauth.account : read->otpauth.issuer;
      migration.refused.push_back(
          fmt::format("entry {} ({}): {}", number, name.empty() ? "no name" : name, read->refused));
    }
  }
  if (number == 0) return Error("the migration holds no entries");
  return migration;
}

}  // namespace totpilot::totp

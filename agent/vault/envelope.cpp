#include "agent/vault/envelope.h"

#include <fmt/format.h>

#include "agent/base/encoding.h"
#include "agent/base/failure.h"
#include "agent/crypto/aead.h"
#include "agent/crypto/random.h"

namespace totpilot::vault {
namespace {

constexpr char kFormat = 1;
constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kWrappedBytes = crypto::kKeyBytes + crypto::kSealOverhead;
constexpr std::size_t kHeaderBytes = 1 + kIdBytes + 8 + kIdBytes + kWrappedBytes;

struct Envelope {
  std::string key;         // 16 bytes of its UUID
  std::string version;     // 8 bytes
  std::string record_key;  // 16 bytes, random: names the record's own key
  std::string wrapped;
  std::string body;
};

std::string big_endian(std::uint64_t value, int bytes) {
  std::string out;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    out += static_cast<char>(value >> static_cast<unsigned>(shift) & 255U);
  return out;
}

std::uint64_t from_big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8U | static_cast<unsigned char>(c);
  return value;
}

std::string uuid_bytes(const KeyId& id) {
  std::string hex = id.str().substr(std::min<std::size_t>(id.str().size(), KeyIdTag::kPrefix.size()));
  std::erase(hex, '-');
  const auto bytes = hex_decode(hex);
  if (!bytes || bytes->size() != kIdBytes) throw Failure(Outcome::kInternal, "a key's id is no UUID");
  return *bytes;
}

KeyId key_id(std::string_view bytes) {
  const std::string hex = hex_encode(bytes);
  return KeyId::from(fmt::format("{}{}-{}-{}-{}-{}", KeyIdTag::kPrefix, hex.substr(0, 8), hex.substr(8, 4),
                                 hex.substr(12, 4), hex.substr(16, 4), hex.substr(20)));
}

[[noreturn]] void refuse(std::string_view why) {
  throw Failure(Outcome::kStorageFailed, fmt::format("a sealed text {}", why),
                "the database was changed or damaged: restore the latest backup");
}

Envelope parse(std::string_view sealed) {
  const auto bytes = base64_decode(sealed);
  if (!bytes || bytes->size() < kHeaderBytes + crypto::kSealOverhead) refuse("is cut or is no sealed text");
  if (bytes->front() != kFormat) refuse("has a format that this totpilot does not know");
  std::size_t at = 1;
  const auto take = [&](std::size_t size) {
    std::string part = bytes->substr(at, size);
    at += size;
    return part;
  };
  Envelope envelope;
  envelope.key = take(kIdBytes);
  envelope.version = take(8);
  envelope.record_key = take(kIdBytes);
  envelope.wrapped = take(kWrappedBytes);
  envelope.body = take(bytes->size() - at);
  return envelope;
}

std::string print(const Envelope& envelope) {
  return base64_encode(std::string(1, kFormat) + envelope.key + envelope.version + envelope.record_key +
                       envelope.wrapped + envelope.body);
}

std::string body_binding(std::string_view workspace, const SealContext& context, const Envelope& envelope) {
  return join_lengths(
      {"totpilot record 1", workspace, context.record, context.field, envelope.version, envelope.record_key});
}

std::string wrap_binding(std::string_view workspace, const SealContext& context, const Envelope& envelope) {
  return join_lengths({"totpilot record key 1", workspace, context.record, context.field, envelope.version,
                       envelope.record_key, envelope.key});
}

Secret open_record_key(std::string_view workspace, const SealContext& context, const Secret& key,
                       const Envelope& envelope) {
  if (envelope.version != big_endian(static_cast<std::uint64_t>(context.version), 8)) refuse("is of another version");
  auto record_key = crypto::aead_open(key, wrap_binding(workspace, context, envelope), envelope.wrapped);
  if (!record_key || record_key->size() != crypto::kKeyBytes) refuse("was changed, or belongs to another record");
  return std::move(*record_key);
}

}  // namespace

std::string join_lengths(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) {
    out += big_endian(part.size(), 4);
    out += part;
  }
  return out;
}

EnvelopeHeader read_envelope_header(std::string_view sealed) {
  const Envelope envelope = parse(sealed);
  return {key_id(envelope.key), static_cast<std::int64_t>(from_big_endian(envelope.version))};
}

std::string seal_envelope(std::string_view workspace, const SealContext& context, const KeyId& id, const Secret& key,
                          const Secret& plaintext) {
  Envelope envelope;
  envelope.key = uuid_bytes(id);
  envelope.version = big_endian(static_cast<std::uint64_t>(context.version), 8);
  envelope.record_key = crypto::random_bytes(kIdBytes);
  const Secret record_key = crypto::random_secret(crypto::kKeyBytes);
  envelope.wrapped = crypto::aead_seal(key, wrap_binding(workspace, context, envelope), record_key);
  envelope.body = crypto::aead_seal(record_key, body_binding(workspace, context, envelope), plaintext);
  return print(envelope);
}

Secret open_envelope(std::string_view workspace, const SealContext& context, const Secret& key,
                     std::string_view sealed) {
  const Envelope envelope = parse(sealed);
  const Secret record_key = open_record_key(workspace, context, key, envelope);
  auto plaintext = crypto::aead_open(record_key, body_binding(workspace, context, envelope), envelope.body);
  if (!plaintext) refuse("was changed");
  return std::move(*plaintext);
}

std::string rewrap_envelope(std::string_view workspace, const SealContext& context, const Secret& old_key,
                            const KeyId& new_id, const Secret& new_key, std::string_view sealed) {
  Envelope envelope = parse(sealed);
  const Secret record_key = open_record_key(workspace, context, old_key, envelope);
  envelope.key = uuid_bytes(new_id);
  envelope.wrapped = crypto::aead_seal(new_key, wrap_binding(workspace, context, envelope), record_key);
  return print(envelope);
}

}  // namespace totpilot::vault

#pragma once
// Envelope: the sealed form of one secret, as base64 text: format, key id, version, the record's own key wrapped by
// that key, and the secret under the record's key. Workspace, record, field and version are bound into both. Private to
// the room. Pure.
#include <string>
#include <string_view>

#include "agent/base/secret.h"
#include "agent/store/rows.h"
#include "agent/vault/seal_context.h"

namespace totpilot::vault {

/// Joins texts so that no two lists give the same: each behind its length.
std::string join_lengths(std::initializer_list<std::string_view> parts);

struct EnvelopeHeader {
  KeyId key;
  std::int64_t version = 0;
};

/// Throws storage_failed for what is no envelope of ours.
EnvelopeHeader read_envelope_header(std::string_view sealed);

std::string seal_envelope(std::string_view workspace, const SealContext& context, const KeyId& key_id,
                          const Secret& key, const Secret& plaintext);
/// Throws storage_failed when it was changed, or sealed for another place.
Secret open_envelope(std::string_view workspace, const SealContext& context, const Secret& key,
                     std::string_view sealed);
/// The same secret with its own key wrapped anew; the secret itself is not opened.
std::string rewrap_envelope(std::string_view workspace, const SealContext& context, const Secret& old_key,
                            const KeyId& new_key_id, const Secret& new_key, std::string_view sealed);

}  // namespace totpilot::vault

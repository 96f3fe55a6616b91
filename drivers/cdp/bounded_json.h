#pragma once
// Reads JSON that a browser (or anyone) sent, with a limit on nesting held while reading: nlohmann builds a document of
// any depth and then overflows the stack when it is copied or dumped. Any thread.
#include <cstddef>
#include <expected>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace totpilot::cdp {

/// Chrome itself nests at most 300 deep (crdtp's stack limit).
inline constexpr std::size_t kMaxDepth = 512;

/// The document, or what is wrong with it and where ("not json at byte 17"), never quoting the text.
std::expected<nlohmann::json, std::string> read_json(std::string_view text, std::size_t max_depth = kMaxDepth);

/// Overwrites every string in the document.
void wipe_strings(nlohmann::json& document);

enum class Characters { kAny, kAscii };
/// The document as text that was never moved while it grew, which would have left copies of its secrets behind. Broken
/// UTF-8 is replaced. The caller wipes it.
std::string secret_text(const nlohmann::json& document, Characters characters);

}  // namespace totpilot::cdp

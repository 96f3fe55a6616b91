#pragma once
// Typed values from nodes: each getter says exactly what it takes and refuses the rest with a place and a hint. Nothing
// is converted by guess: 012345 is no octal, `no` no false, 1.0 no text. Pure.
#include <chrono>
#include <cstdint>
#include <expected>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "agent/yaml/diagnostic.h"
#include "agent/yaml/node.h"

namespace totpilot::yaml {

template <class T>
using Value = std::expected<T, Diagnostic>;

/// A text. One that YAML would read as a number, a truth value or nothing must be quoted.
Value<std::string> text(const Node& node);
/// `true` or `false`.
Value<bool> boolean(const Node& node);
/// Decimal digits with an optional minus, no leading zero, within [min, max].
Value<std::int64_t> integer(const Node& node, std::int64_t min = std::numeric_limits<std::int64_t>::min(),
                            std::int64_t max = std::numeric_limits<std::int64_t>::max());
/// `500ms`, `30s`, `1m`, `2h`, `30d`, within [min, max].
Value<std::chrono::milliseconds> duration(const Node& node,
                                          std::chrono::milliseconds min = std::chrono::milliseconds{0},
                                          std::chrono::milliseconds max = std::chrono::days{3650});
/// One text, or a list of texts that is not empty.
Value<std::vector<std::string>> texts(const Node& node);

/// The same readings of bare text (environment variables, flags); the error is the message alone.
std::expected<std::chrono::milliseconds, std::string> parse_duration(std::string_view text);
std::expected<std::int64_t, std::string> parse_integer(std::string_view text);
/// "90s", "1m", "500ms": the largest unit that divides it.
std::string to_text(std::chrono::milliseconds duration);

/// Does YAML 1.2's core schema read this plain scalar as something else than text? Names it: "a number", "a truth
/// value".
std::string_view misread_as(std::string_view plain);

/// An error at a node.
Diagnostic problem(const Node& node, std::string message, std::string suggestion = {},
                   std::string rule = "wrong-value");

}  // namespace totpilot::yaml

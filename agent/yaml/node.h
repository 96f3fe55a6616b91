#pragma once
// Node: a YAML document as a tree in which every scalar, key and collection has its place. Plain data, owned by the
// caller. Made by reader.h only, so a tree is finite, at most 32 deep, without aliases, tags, or two equal keys in a
// map.
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/failure.h"

namespace totpilot::yaml {

struct Entry;

struct Node {
  enum class Kind { kNull, kScalar, kSequence, kMap };
  enum class Style { kPlain, kQuoted };  // kQuoted: single or double quotes, or a block scalar

  Kind kind = Kind::kNull;
  SourcePosition at;  // its first character
  Style style = Style::kPlain;
  std::string text;            // kScalar, as written, escapes resolved; never converted
  std::vector<Node> items;     // kSequence
  std::vector<Entry> entries;  // kMap, in the order of the file

  bool is_null() const { return kind == Kind::kNull; }
  bool is_scalar() const { return kind == Kind::kScalar; }
  bool is_sequence() const { return kind == Kind::kSequence; }
  bool is_map() const { return kind == Kind::kMap; }
  /// The entry of a map; null where there is none, or where this is no map.
  const Entry* find(std::string_view key) const;
};

struct Entry {
  std::string key;
  Node::Style key_style = Node::Style::kPlain;
  SourcePosition at;  // of the key
  Node value;
};

inline const Entry* Node::find(std::string_view key) const {
  for (const Entry& entry : entries)
    if (entry.key == key) return &entry;
  return nullptr;
}

/// For messages: "nothing", "a text", "a list", "a map".
std::string_view kind_name(const Node& node);

}  // namespace totpilot::yaml

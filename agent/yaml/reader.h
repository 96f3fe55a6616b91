#pragma once
// The one YAML reader, over yaml-cpp's event parser. Built for hostile input: refuses what a playbook or a
// configuration never needs and what yaml-cpp 0.7 mishandles (safety.md E), always with a place, in milliseconds. Pure;
// any thread, any stack of 64 KiB.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "agent/yaml/diagnostic.h"
#include "agent/yaml/node.h"

namespace totpilot::yaml {

struct Limits {
  std::size_t bytes = 256UL * 1024;
  int depth = 32;     // levels of lists and maps
  int nodes = 10000;  // scalars, lists and maps, keys included
};

struct Document {
  Node root;              // null when the text could not be read to its end
  bool complete = false;  // was it read to its end?
  std::vector<Diagnostic>
      problems;  // one that ended the reading, and before it those that did not (two equal keys, `yes`)

  bool ok() const { return complete && problems.empty(); }
};

/// Reads one document. Refuses: more than `limits`, bytes that are not UTF-8, NUL and other control characters,
/// anchors, aliases, merge keys, tags, directives, keys that are not words, two equal keys, a second document, and
/// plain on/off/yes/no, which other readers turn into booleans. `file` is the name used in positions.
Document read(const std::string& file, std::string_view text, const Limits& limits = {});

/// Reads a file of at most limits.bytes and then its text; not_found or storage_failed when it cannot be opened.
std::string load_text(const std::string& file, const Limits& limits = {});

}  // namespace totpilot::yaml

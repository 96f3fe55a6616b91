#pragma once
// CodePattern: the small regular expressions that describe a recovery code. Literals, "." and classes ("[0-9a-f]", "[^
// ]", \d \w
// \s), groups, "|" and the quantifiers ? * + {n} {n,m}. Matched without backtracking, so no pattern and no page can
// make it slow.
#include <bitset>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace totpilot::flow {

class CodePattern {
 public:
  /// The error names the place: "unclosed class at character 4".
  static std::expected<CodePattern, std::string> compile(std::string_view pattern);

  /// The longest match that begins at the start of `text`; 0 when there is none.
  std::size_t match_at_start(std::string_view text) const;
  bool matches(std::string_view text) const { return !text.empty() && match_at_start(text) == text.size(); }

  static constexpr std::size_t kMostStates = 4'096;

 private:
  friend class CodePatternCompiler;
  struct State {
    enum class Kind : std::uint8_t { kTake, kSplit, kEnd };
    Kind kind = Kind::kEnd;
    std::bitset<256> bytes;  // kTake
    std::uint32_t next = 0;
    std::uint32_t other = 0;  // kSplit
  };
  void follow(std::uint32_t state, std::vector<bool>& seen, std::vector<std::uint32_t>& list) const;

  std::vector<State> states_;
  std::uint32_t start_ = 0;
};

}  // namespace totpilot::flow

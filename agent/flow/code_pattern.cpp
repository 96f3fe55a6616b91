#include "agent/flow/code_pattern.h"

#include <fmt/format.h>

#include <memory>
#include <optional>

namespace totpilot::flow {
namespace {

constexpr int kMostRepeats = 64;
constexpr int kDeepest = 16;

struct Node;
using NodePtr = std::shared_ptr<const Node>;
struct Node {
  enum class Kind { kEmpty, kBytes, kSequence, kEither, kRepeat };
  Kind kind = Kind::kEmpty;
  std::bitset<256> bytes;
  std::vector<NodePtr> parts;
  int least = 1;
  int most = 1;  // -1: without end
};

struct Problem {
  std::string text;
};

/// Reads the pattern into a tree; throws Problem, caught in compile().
class Reader {
 public:
  explicit Reader(std::string_view pattern) : text_(pattern) {}

  NodePtr whole() {
    NodePtr tree = either(0);
    if (at_ < text_.size()) fail("a \")\" without its \"(\"");
    return tree;
  }

 private:
  [[noreturn]] void fail(std::string_view what) const {
    throw Problem{fmt::format("{} at character {}", what, at_ + 1)};
  }
  bool more() const { return at_ < text_.size(); }
  bool next_is(char c) const { return more() && text_[at_] == c; }
  bool take(char c) {
    if (!next_is(c)) return false;
    ++at_;
    return true;
  }

  NodePtr either(int depth) {
    if (depth > kDeepest) fail("groups nested too deep");
    auto node = std::make_shared<Node>();
    node->kind = Node::Kind::kEither;
    do node->parts.push_back(sequence(depth));
    while (take('|'));
    return node->parts.size() == 1 ? node->parts.front() : node;
  }

  NodePtr sequence(int depth) {
    auto node = std::make_shared<Node>();
    node->kind = Node::Kind::kSequence;
    while (more() && !next_is('|') && !next_is(')')) node->parts.push_back(quantified(depth));
    return node;
  }

  NodePtr quantified(int depth) {
    NodePtr one = atom(depth);
    int least = 1;
    int most = 1;
    if (take('?')) {
      least = 0;
    } else if (take('*')) {
      least = 0;
      most = -1;
    } else if (take('+')) {
      most = -1;
    } else if (take('{')) {
      least = number();
      most = least;
      if (take(',')) most = next_is('}') ? -1 : number();
      if (!take('}')) fail("a \"{\" without its \"}\"");
      if (most >= 0 && most < least) fail("a range that ends before it begins");
    } else {
      return one;
    }
    auto node = std::make_shared<Node>();
    node->kind = Node::Kind::kRepeat;
    node->parts = {one};
    node->least = least;
    node->most = most;
    return node;
  }

  int number() {
    int value = -1;
    while (more() && text_[at_] >= '0' && text_[at_] <= '9') {
      value = (value < 0 ? 0 : value) * 10 + (text_[at_] - '0');
      if (value > kMostRepeats) fail("more than 64 repetitions");
      ++at_;
    }
    if (value < 0) fail("a number is missing");
    return value;
  }

  NodePtr atom(int depth) {
    if (take('(')) {
      if (take('?') && !take(':')) fail("only (?:...) is known");
      NodePtr inner = either(depth + 1);
      if (!take(')')) fail("a \"(\" without its \")\"");
      return inner;
    }
    if (take('[')) return bytes(char_class());
    if (take('.')) {
      std::bitset<256> all;
      all.set();
      all.reset('\n');
      return bytes(all);
    }
    if (take('\\')) return bytes(escaped());
    if (next_is('?') || next_is('*') || next_is('+') || next_is('{')) fail("nothing to repeat");
    if (next_is('^') || next_is('$')) fail("anchors are not needed: a pattern describes one whole code");
    std::bitset<256> one;
    one.set(static_cast<unsigned char>(text_[at_++]));
    return bytes(one);
  }

  static NodePtr bytes(const std::bitset<256>& set) {
    auto node = std::make_shared<Node>();
    node->kind = Node::Kind::kBytes;
    node->bytes = set;
    return node;
  }

  static void add_range(std::bitset<256>& set, unsigned char first, unsigned char last) {
    for (unsigned c = first; c <= last; ++c) set.set(c);
  }

  std::bitset<256> escaped() {
    if (!more()) fail("a \"\\\" at the end");
    std::bitset<256> set;
    const char c = text_[at_++];
    switch (c) {
      case 'd':
        add_range(set, '0', '9');
        break;
      case 'w':
        add_range(set, '0', '9');
        add_range(set, 'a', 'z');
        add_range(set, 'A', 'Z');
        set.set('_');
        break;
      case 's':
        set.set(' ');
        set.set('\t');
        break;
      default:
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
          fail("an escape that is not known");
        set.set(static_cast<unsigned char>(c));
    }
    return set;
  }

  std::bitset<256> char_class() {
    std::bitset<256> set;
    const bool inverted = take('^');
    bool first = true;
    while (!next_is(']') || first) {
      if (!more()) fail("a \"[\" without its \"]\"");
      first = false;
      if (take('\\')) {
        set |= escaped();
        continue;
      }
      const auto from = static_cast<unsigned char>(text_[at_++]);
      unsigned char to = from;
      if (next_is('-') && at_ + 1 < text_.size() && text_[at_ + 1] != ']') {
        ++at_;
        to = static_cast<unsigned char>(text_[at_++]);
        if (to < from) fail("a range that ends before it begins");
      }
      add_range(set, from, to);
    }
    ++at_;
    if (inverted) set.flip();
    return set;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

/// Lays the tree out as states, back to front, so that every state knows its successor when it is made.
class CodePatternCompiler {
 public:
  explicit CodePatternCompiler(CodePattern& pattern) : pattern_(pattern) {}

  std::uint32_t lay(const Node& node, std::uint32_t next) {
    switch (node.kind) {
      case Node::Kind::kEmpty:
        return next;
      case Node::Kind::kBytes:
        return add({CodePattern::State::Kind::kTake, node.bytes, next, 0});
      case Node::Kind::kSequence:
        for (auto part = node.parts.rbegin(); part != node.parts.rend(); ++part) next = lay(**part, next);
        return next;
      case Node::Kind::kEither: {
        std::uint32_t entry = lay(*node.parts.back(), next);
        for (std::size_t i = node.parts.size() - 1; i-- > 0;) entry = split(lay(*node.parts[i], next), entry);
        return entry;
      }
      case Node::Kind::kRepeat: {
        const Node& part = *node.parts.front();
        if (node.most < 0) {
          const std::uint32_t loop = split(next, next);
          const std::uint32_t body = lay(part, loop);
          pattern_.states_[loop].next = body;
          next = loop;
        } else {
          const std::uint32_t end = next;
          for (int i = node.least; i < node.most; ++i) next = split(lay(part, next), end);
        }
        for (int i = 0; i < node.least; ++i) next = lay(part, next);
        return next;
      }
    }
    return next;
  }

  std::uint32_t add(CodePattern::State state) {
    if (pattern_.states_.size() >= CodePattern::kMostStates) throw Problem{"the pattern is too large"};
    pattern_.states_.push_back(state);
    return static_cast<std::uint32_t>(pattern_.states_.size() - 1);
  }

 private:
  std::uint32_t split(std::uint32_t one, std::uint32_t other) {
    return add({CodePattern::State::Kind::kSplit, {}, one, other});
  }

  CodePattern& pattern_;
};

std::expected<CodePattern, std::string> CodePattern::compile(std::string_view pattern) {
  if (pattern.empty()) return std::unexpected("the pattern is empty");
  try {
    const NodePtr tree = Reader(pattern).whole();
    CodePattern result;
    CodePatternCompiler compiler(result);
    const std::uint32_t end = compiler.add({});
    result.start_ = compiler.lay(*tree, end);
    return result;
  } catch (const Problem& problem) {
    return std::unexpected(problem.text);
  }
}

void CodePattern::follow(std::uint32_t state, std::vector<bool>& seen, std::vector<std::uint32_t>& list) const {
  std::vector<std::uint32_t> open = {state};
  while (!open.empty()) {
    const std::uint32_t at = open.back();
    open.pop_back();
    if (seen[at]) continue;
    seen[at] = true;
    if (states_[at].kind == State::Kind::kSplit) {
      open.push_back(states_[at].other);
      open.push_back(states_[at].next);
    } else {
      list.push_back(at);
    }
  }
}

std::size_t CodePattern::match_at_start(std::string_view text) const {
  std::vector<std::uint32_t> now;
  std::vector<bool> seen(states_.size());
  follow(start_, seen, now);
  std::size_t longest = 0;
  for (std::size_t at = 0;; ++at) {
    std::vector<std::uint32_t> after;
    seen.assign(states_.size(), false);
    for (const std::uint32_t state : now) {
      if (states_[state].kind == State::Kind::kEnd)
        longest = at;
      else if (at < text.size() && states_[state].bytes[static_cast<unsigned char>(text[at])])
        follow(states_[state].next, seen, after);
    }
    if (after.empty()) return longest;
    now = std::move(after);
  }
}

}  // namespace totpilot::flow

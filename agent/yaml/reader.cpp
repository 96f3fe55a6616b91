#include "agent/yaml/reader.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <set>
#include <sstream>

#include "agent/base/file.h"
#include "agent/yaml/prescan.h"

namespace totpilot::yaml {
namespace {

/// Ends the reading; caught in read().
struct Refused {
  Diagnostic why;
};

Diagnostic refusal(SourcePosition at, std::string message, std::string suggestion = {}) {
  return {.at = std::move(at), .message = std::move(message), .suggestion = std::move(suggestion), .rule = "yaml"};
}

/// YAML 1.1 (type bool) takes these for truth values; YAML 1.2 does not, so two readers would disagree.
bool is_ambiguous_truth(std::string_view plain) {
  constexpr std::array kWords = {"on", "On", "ON", "off", "Off", "OFF", "yes", "Yes", "YES", "no", "No", "NO"};
  return std::ranges::find(kWords, plain) != kWords.end();
}

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const std::string& file, std::string_view text, const Limits& limits)
      : file_(file), lines_(text), limits_(limits) {}

  Node take_root() { return std::move(root_); }
  std::vector<Diagnostic> take_problems() { return std::move(problems_); }
  const LineIndex& lines() const { return lines_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0)
      throw Refused{refusal(place(mark), "a second document begins here", "one file holds one document")};
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_properties(mark, anchor, "");
    Node node;
    node.at = place(mark);
    add(std::move(node));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Refused{refusal(place(mark), "an alias (*) is not used here",
                          "write the value out; a text that begins with * needs quotes")};
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_properties(mark, anchor, tag);
    Node node;
    node.kind = Node::Kind::kScalar;
    node.at = place(mark);
    node.style = tag == "!" ? Node::Style::kQuoted : Node::Style::kPlain;
    // yaml-cpp takes the end of the text for the closing quote when a line feed stands before it.
    if (!lines_.quote_is_closed(mark.line, mark.column)) throw Refused{refusal(node.at, "this quote is not closed")};
    node.text = value;
    if (node.style == Node::Style::kPlain && is_ambiguous_truth(value))
      note({.at = node.at,
            .message = fmt::format("\"{}\" means true or false to some YAML readers and a word to others", value),
            .suggestion = fmt::format("write true or false, or the word in quotes: \"{}\"", value),
            .rule = "ambiguous-truth"});
    add(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    begin(mark, tag, anchor, Node::Kind::kSequence);
  }
  void OnSequenceEnd() override { end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    begin(mark, tag, anchor, Node::Kind::kMap);
  }
  void OnMapEnd() override { end(); }
  void OnAnchor(const YAML::Mark& mark, const std::string&) override { refuse_anchor(mark); }

  SourcePosition place(const YAML::Mark& mark) const {
    return {file_, mark.line < 0 ? 1 : mark.line + 1, mark.column < 0 ? 1 : mark.column + 1};
  }

 private:
  struct Level {
    Node node;
    std::set<std::string, std::less<>> keys;
    bool key_read = false;
    Entry entry;  // of the key read
  };

  /// Keeps a problem that does not end the reading; a file full of them is not read on.
  void note(Diagnostic why) {
    constexpr std::size_t kMost = 50;
    if (problems_.size() >= kMost) throw Refused{refusal(why.at, "too many errors, the rest is not read")};
    problems_.push_back(std::move(why));
  }

  [[noreturn]] void refuse_anchor(const YAML::Mark& mark) const {
    throw Refused{refusal(place(mark), "an anchor (&) is not used here",
                          "write the value out; a text that begins with & needs quotes")};
  }

  /// yaml-cpp gives "!" for quoted scalars and for the tag "!"; only the source tells them apart.
  void refuse_properties(const YAML::Mark& mark, YAML::anchor_t anchor, const std::string& tag) const {
    if (anchor != YAML::NullAnchor) refuse_anchor(mark);
    const bool written = lines_.byte_at(mark.line, mark.column) == '!';
    if (written || (!tag.empty() && tag != "!" && tag != "?"))
      throw Refused{refusal(place(mark), "a tag (!) is not used here", "a text that begins with ! needs quotes")};
  }

  void count(const YAML::Mark& mark) {
    if (++nodes_ > limits_.nodes)
      throw Refused{refusal(place(mark), fmt::format("there are more than {} values and keys", limits_.nodes))};
  }

  void begin(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Node::Kind kind) {
    refuse_properties(mark, anchor, tag);
    if (static_cast<int>(open_.size()) >= limits_.depth)
      throw Refused{refusal(place(mark), fmt::format("this is nested more than {} levels deep", limits_.depth))};
    if (!open_.empty() && open_.back().node.is_map() && !open_.back().key_read)
      throw Refused{refusal(place(mark), "a key must be a word, but this is a list or a map",
                            kind == Node::Kind::kMap ? "a value that begins with { needs quotes" : "")};
    count(mark);
    Level level;
    level.node.kind = kind;
    level.node.at = place(mark);
    open_.push_back(std::move(level));
  }

  void end() {
    Node done = std::move(open_.back().node);
    open_.pop_back();
    attach(std::move(done));
  }

  void add(Node node) {
    YAML::Mark mark;
    mark.line = node.at.line - 1;
    mark.column = node.at.column - 1;
    count(mark);
    attach(std::move(node));
  }

  void attach(Node node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Level& level = open_.back();
    if (level.node.is_sequence()) {
      level.node.items.push_back(std::move(node));
    } else if (level.key_read) {
      // yaml-cpp gives a missing value the place of what comes next.
      if (node.is_null()) node.at = level.entry.at;
      level.entry.value = std::move(node);
      level.node.entries.push_back(std::exchange(level.entry, {}));
      level.key_read = false;
    } else {
      begin_entry(level, std::move(node));
    }
  }

  void begin_entry(Level& level, Node key) {
    if (!key.is_scalar()) throw Refused{refusal(key.at, "a key is missing here")};
    if (key.text == "<<" && key.style == Node::Style::kPlain)
      throw Refused{refusal(key.at, "a merge key (<<) is not used here", "write the keys out")};
    if (!level.keys.insert(key.text).second) {
      const Entry* first = level.node.find(key.text);
      note({.at = key.at,
            .message = fmt::format("the key \"{}\" is here twice", key.text.substr(0, 60)),
            .suggestion = first ? fmt::format("the first one is in line {}; keep one of them", first->at.line) : "",
            .rule = "duplicate-key"});
    }
    level.entry.key = std::move(key.text);
    level.entry.key_style = key.style;
    level.entry.at = std::move(key.at);
    level.key_read = true;
  }

  const std::string& file_;
  LineIndex lines_;
  Limits limits_;
  std::vector<Level> open_;
  Node root_;
  std::vector<Diagnostic> problems_;
  int nodes_ = 0;
  int documents_ = 0;
};

struct Translation {
  std::string_view theirs;
  std::string_view message;
  std::string_view suggestion;
};

// yaml-cpp's texts are matched, never shown: they may quote the input.
constexpr std::array kTranslations = {
    Translation{"end of map not found", "this line does not fit the map around it",
                "check the indentation, and the colon with a space after each key"},
    Translation{"end of map flow not found", "a { is not closed", "every { needs its }"},
    Translation{"end of sequence not found", "this line does not fit the list around it",
                "check the indentation of the dashes"},
    Translation{"end of sequence flow not found", "a [ is not closed", "every [ needs its ]"},
    Translation{"illegal tab when looking for indentation", "a tab is used for indentation", "indent with spaces"},
    Translation{"illegal flow end", "a ] or } closes nothing", ""},
    Translation{"illegal block entry", "a dash cannot stand here", "a list begins on its own line"},
    Translation{"illegal map key", "a key cannot stand here", "check the indentation"},
    Translation{"illegal map value", "a colon cannot stand here", "a text that holds \": \" needs quotes"},
    Translation{"unknown token", "this character cannot begin a value",
                "a text that begins with @, %, ` or | needs quotes"},
    Translation{"illegal EOF in scalar", "a quote is not closed", ""},
    Translation{"illegal document indicator in scalar", "a quote is not closed before the document ends", ""},
    Translation{"unknown escape character: ", "an unknown escape in double quotes",
                "write \\\\ for a backslash, or use single quotes"},
    Translation{"bad character found while scanning hex number", "a \\x or \\u escape needs hexadecimal digits", ""},
    Translation{"invalid unicode: ", "an escape names no Unicode character", ""},
    Translation{"alias not found after *", "an alias (*) is not used here", "a text that begins with * needs quotes"},
    Translation{"anchor not found after &", "an anchor (&) is not used here", "a text that begins with & needs quotes"},
    Translation{"illegal character found while scanning alias", "an alias (*) is not used here",
                "a text that begins with * needs quotes"},
    Translation{"illegal character found while scanning anchor", "an anchor (&) is not used here",
                "a text that begins with & needs quotes"},
    Translation{"the referenced anchor is not defined", "an alias (*) is not used here",
                "a text that begins with * needs quotes"},
    Translation{"cannot assign multiple tags to the same node", "a tag (!) is not used here", ""},
};

Diagnostic translated(const YAML::ParserException& error, SourcePosition at, const LineIndex& lines) {
  // yaml-cpp takes a leading tab for a part of the word behind it and stumbles over the colon.
  for (int column = 0;; ++column) {
    const char byte = lines.byte_at(at.line - 1, column);
    if (byte == '\t') return refusal(std::move(at), "a tab is used for indentation", "indent with spaces");
    if (byte != ' ') break;
  }
  for (const Translation& known : kTranslations)
    if (std::string_view(error.msg).starts_with(known.theirs))
      return refusal(std::move(at), std::string(known.message), std::string(known.suggestion));
  return refusal(std::move(at), "this is not valid YAML", "check the indentation, quotes and brackets around here");
}

}  // namespace

Document read(const std::string& file, std::string_view text, const Limits& limits) {
  Document document;
  if (auto refused = prescan(file, text, limits)) {
    document.problems.push_back(*std::move(refused));
    return document;
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  TreeBuilder builder(file, text, limits);
  // yaml-cpp reads to the end of the stream only; the string outlives the parser.
  std::istringstream stream{std::string(text)};
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
    document.complete = true;
    document.problems = builder.take_problems();
    document.root = builder.take_root();
    if (document.root.at.line == 0) document.root.at = {file, 1, 1};
    return document;
  } catch (const Refused& refused) {
    document.problems = builder.take_problems();
    document.problems.push_back(refused.why);
  } catch (const YAML::ParserException& error) {
    document.problems = builder.take_problems();
    document.problems.push_back(translated(error, builder.place(error.mark), builder.lines()));
  }
  return document;
}

std::string load_text(const std::string& file, const Limits& limits) { return read_file(file, limits.bytes); }

}  // namespace totpilot::yaml

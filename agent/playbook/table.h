#pragma once
// The language as tables: each key once, with its type, its meaning and where its value goes. The parser checks with
// them, the JSON Schema and the reference are printed from them, so the three cannot differ. Of this room only.
#include <algorithm>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "agent/playbook/ast.h"
#include "agent/playbook/reader.h"

namespace totpilot::playbook {

/// What may stand behind a key; names its reader, its schema and its words in the reference.
enum class Type {
  kText,
  kTemplate,  // a text that may hold {account.username} and the like
  kPath,
  kUrlPattern,
  kLocator,
  kLocators,
  kCondition,
  kSteps,
  kBranches,
  kWatchers,
  kBoolean,
  kInteger,
  kDuration,
  kChoice,
  kOutcome,
  kRate,
  kCodePattern,
  kOrigins,
  kVersions,
  kWordLists,
  kWords,
  kRecord,
};

struct Range {
  int min = 0;
  int max = 0;
};

struct KeyInfo {
  std::string_view name;
  Type type = Type::kText;
  std::string_view doc = {};
  bool required = false;
  std::string_view fallback = {};  // what holds without the key, as shown in the reference
  std::vector<std::string_view> choices = {};
  Range range = {};
  std::string_view record = {};  // kRecord: the name of its section
};

/// One key of a record of type T, with the place its value goes to.
template <class T>
struct Key {
  KeyInfo info;
  std::function<void(T&, const yaml::Node&, Reader&)> read;

  Key required() && {
    info.required = true;
    return std::move(*this);
  }
  Key fallback(std::string_view text) && {
    info.fallback = text;
    return std::move(*this);
  }
};

template <class T>
using Record = std::vector<Key<T>>;

template <class T>
std::vector<KeyInfo> infos(const Record<T>& record) {
  std::vector<KeyInfo> result;
  for (const Key<T>& key : record) result.push_back(key.info);
  return result;
}

/// std::ranges::contains, which this standard library lacks.
template <class Range, class Value, class Projection = std::identity>
bool contains(Range&& range, const Value& value, Projection projection = {}) {
  return std::ranges::find(range, value, projection) != std::ranges::end(range);
}

// One maker of keys for each type of member.

/// Stores what `read` gives; what it could not read has been reported and leaves the member as it is.
template <class T, class Member, class Read>
Key<T> bound(KeyInfo info, Member T::* member, Read read) {
  return {std::move(info), [member, read](T& target, const yaml::Node& node, Reader& reader) {
            auto value = std::invoke(read, reader, node);
            if (!value) return;
            if constexpr (std::is_assignable_v<Member&, decltype(value)>) {
              target.*member = std::move(value);  // the member is optional too
            } else {
              target.*member = *std::move(value);
            }
          }};
}

template <class T>
Key<T> key(std::string_view name, Type type, std::string T::* member, std::string_view doc) {
  return bound<T>({.name = name, .type = type, .doc = doc}, member,
                  [type](Reader& reader, const yaml::Node& node) { return reader.string(type, node); });
}
template <class T>
Key<T> key(std::string_view name, Type type, std::optional<std::string> T::* member, std::string_view doc) {
  return bound<T>({.name = name, .type = type, .doc = doc}, member,
                  [type](Reader& reader, const yaml::Node& node) { return reader.string(type, node); });
}
template <class T>
Key<T> key(std::string_view name, Locator T::* member, std::string_view doc) {
  return bound<T>({.name = name, .type = Type::kLocator, .doc = doc}, member, &Reader::locator).required();
}
template <class T>
Key<T> key(std::string_view name, std::optional<Locator> T::* member, std::string_view doc) {
  return bound<T>({.name = name, .type = Type::kLocator, .doc = doc}, member, &Reader::locator);
}
template <class T>
Key<T> key(std::string_view name, std::vector<Locator> T::* member, std::string_view doc) {
  return bound<T>({.name = name, .type = Type::kLocators, .doc = doc}, member, &Reader::locators).required();
}
template <class T>
Key<T> key(std::string_view name, Condition T::* member, std::string_view doc) {
  return bound<T>({.name = name, .type = Type::kCondition, .doc = doc}, member, &Reader::condition).required();
}
template <class T>
Key<T> key(std::string_view name, std::optional<Condition> T::* member, std::string_view doc) {
  return bound<T>({.name = name, .type = Type::kCondition, .doc = doc}, member, &Reader::condition);
}
template <class T>
Key<T> key(std::string_view name, Steps T::* member, std::string_view doc) {
  return bound<T>({.name = name, .type = Type::kSteps, .doc = doc}, member, &Reader::steps);
}
template <class T>
Key<T> key(std::string_view name, bool T::* member, std::string_view doc) {
  return bound<T>({.name = name, .type = Type::kBoolean, .doc = doc, .fallback = "false"}, member, &Reader::boolean);
}
template <class T, class Int>
  requires(std::is_same_v<Int, int> || std::is_same_v<Int, std::optional<int>>)
Key<T> key(std::string_view name, Int T::* member, Range range, std::string_view doc) {
  return bound<T>(
      {.name = name, .type = Type::kInteger, .doc = doc, .range = range}, member,
      [range](Reader& reader, const yaml::Node& node) { return reader.integer(node, range.min, range.max); });
}
template <class T>
Key<T> key(std::string_view name, std::optional<Millis> T::* member, std::string_view doc) {
  return bound<T>({.name = name, .type = Type::kDuration, .doc = doc}, member, &Reader::timeout);
}
template <class T, class Outcomes>
  requires(std::is_same_v<Outcomes, Outcome> || std::is_same_v<Outcomes, std::optional<Outcome>>)
Key<T> key(std::string_view name, Outcomes T::* member, std::string_view doc) {
  return bound<T>({.name = name, .type = Type::kOutcome, .doc = doc}, member, &Reader::outcome);
}

template <class Enum>
struct Named {
  std::string_view name;
  Enum value;
};

/// A word out of a list, for an enumeration (or a bool, or a text).
template <class T, class Enum>
Key<T> choice(std::string_view name, Enum T::* member, std::vector<Named<std::type_identity_t<Enum>>> words,
              std::string_view doc) {
  KeyInfo info{.name = name, .type = Type::kChoice, .doc = doc};
  for (const auto& word : words) info.choices.push_back(word.name);
  auto choices = info.choices;
  return {std::move(info),
          [member, words = std::move(words), choices](T& target, const yaml::Node& node, Reader& reader) {
            if (const auto index = reader.choice(node, choices)) target.*member = words[*index].value;
          }};
}

/// One action of a step. Those without keys take one value of `value` behind their name.
struct ActionInfo {
  std::string_view name;
  std::string_view doc;
  std::string_view example;  // one step, as it stands in a flow
  std::optional<Type> value;
  std::vector<std::string_view> choices;  // of a kChoice value
  std::vector<KeyInfo> keys;
  std::function<std::optional<Action>(const yaml::Node&, Reader&)> read;
};

/// In the order of the reference: built-in actions, then plain ones.
const std::vector<ActionInfo>& actions();
const ActionInfo* find_action(std::string_view name);

/// The keys beside the action.
const Record<Step>& step_keys();
const Record<Branch>& branch_keys();
const Record<Watcher>& watcher_keys();
const Record<Facts>& facts_keys();
const Record<SessionFacts>& session_keys();
const Record<MfaFacts>& mfa_keys();
const Record<Condition>& condition_keys();
/// The flows; they go into the playbook itself.
const Record<Playbook>& flow_keys();
const Record<Playbook>& playbook_keys();

/// The ways to name an element, and the keys that narrow one down. Read by Reader::locator.
const std::vector<KeyInfo>& locator_kinds();
const std::vector<KeyInfo>& locator_modifiers();

struct Placeholder {
  std::string_view name;  // "{account.username}"
  std::string_view doc;
};
std::span<const Placeholder> placeholders();

/// Codes a playbook may end a flow with.
std::span<const Outcome> playbook_outcomes();
/// WAI-ARIA 1.2 roles of elements that can be on a page.
std::span<const std::string_view> aria_roles();
std::span<const std::string_view> field_kinds();
/// DOM names of the keys that `press` knows, besides single characters.
std::span<const std::string_view> key_names();

/// Reads a map by its table: unknown keys and missing ones are reported, the others go where they belong.
template <class T>
void read_record(const yaml::Node& node, const Record<T>& record, std::string_view what, T& target, Reader& reader) {
  if (!reader.is_map(node, what)) return;
  std::vector<std::string_view> names;
  for (const Key<T>& key : record) names.push_back(key.info.name);
  for (const yaml::Entry& entry : node.entries) {
    const auto known = std::ranges::find(record, entry.key, [](const Key<T>& key) { return key.info.name; });
    if (known == record.end()) {
      reader.unknown_key(entry, what, names);
    } else {
      known->read(target, entry.value, reader);
    }
  }
  for (const Key<T>& key : record)
    if (key.info.required && !node.find(key.info.name)) reader.missing_key(node, what, key.info.name);
}

}  // namespace totpilot::playbook

#include "agent/flow/secret_scan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "agent/flow/words.h"
#include "agent/totp/base32.h"

namespace totpilot::flow {
namespace {

constexpr std::size_t kShortestKey = 16;  // characters: 80 bits
constexpr std::size_t kLongestKey = 128;
constexpr std::size_t kListFrom = 3;  // so many of one shape are a list
constexpr int kContradicts = 3;       // weight of a key without a label that is long enough to be meant
constexpr std::size_t kContext = 80;  // characters before a key that may name it

bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_base32(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7'); }
bool has_digit(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return c >= '0' && c <= '9'; });
}
bool has_upper(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}
bool has_lower(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
}

// ---- otpauth URIs

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Secret percent_decoded(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '%' && at + 2 < text.size() && hex_digit(text[at + 1]) >= 0 && hex_digit(text[at + 2]) >= 0) {
      plain.push_back(static_cast<char>(hex_digit(text[at + 1]) * 16 + hex_digit(text[at + 2])));
      at += 2;
    } else {
      plain.push_back(text[at]);
    }
  }
  return Secret(std::move(plain));
}

/// The URIs in `text`; also one that is the value of another address's query ("chart?data=otpauth%3A%2F%2F...").
std::vector<Secret> uris_in(std::string_view text) {
  constexpr std::string_view kEnds = " \t\r\n\"'<>`\\";
  std::vector<Secret> found;
  for (const std::string_view start : {std::string_view("otpauth://"), std::string_view("steam://")}) {
    for (std::size_t at = text.find(start); at != std::string_view::npos; at = text.find(start, at + 1)) {
      if (at > 0 && is_alnum(text[at - 1])) continue;
      const std::string_view uri = text.substr(at, text.find_first_of(kEnds, at) - at);
      if (totp::looks_like_otpauth(uri)) found.push_back(Secret::copy_of(uri));
    }
  }
  for (const std::string_view start : {std::string_view("otpauth%3A%2F%2F"), std::string_view("otpauth%3a%2f%2f")}) {
    for (std::size_t at = text.find(start); at != std::string_view::npos; at = text.find(start, at + 1)) {
      std::size_t end = text.find_first_of(" \t\r\n\"'<>`\\&#", at);
      if (end == std::string_view::npos) end = text.size();
      found.push_back(percent_decoded(text.substr(at, end - at)));
    }
  }
  return found;
}

/// The text without its otpauth URIs: their labels and issuers are no keys, and their key is known already.
Secret without_uris(const Secret& text) {
  std::string rest(text.reveal());
  for (const std::string_view start :
       {std::string_view("otpauth:"), std::string_view("otpauth%3"), std::string_view("steam://")}) {
    for (std::size_t at = rest.find(start); at != std::string::npos; at = rest.find(start, at)) {
      const std::size_t end = std::min(rest.find_first_of(" \t\r\n\"'<>", at), rest.size());
      std::fill(rest.begin() + static_cast<std::ptrdiff_t>(at), rest.begin() + static_cast<std::ptrdiff_t>(end), '\n');
    }
  }
  return Secret(std::move(rest));
}

// ---- keys as text

struct Run {
  std::size_t begin = 0;  // in the text
  std::size_t end = 0;
  Secret characters;  // without separators
  std::string shape;  // lengths of the groups: "4 4 4 4"
};

/// The next run of base32 words that belong together: one word, or equal groups (the last may be shorter) with one same
/// separator.
std::optional<Run> run_at(std::string_view text, std::size_t begin) {
  Run run;
  run.begin = begin;
  std::string joined;
  std::size_t at = begin;
  std::size_t group = 0;
  char separator = 0;
  for (;;) {
    std::size_t end = at;
    while (end < text.size() && is_base32(text[end])) ++end;
    const std::size_t length = end - at;
    const bool word_ends_here = end == text.size() || !is_alnum(text[end]);
    const std::string_view word = text.substr(at, length);
    const bool fits = length > 0 && word_ends_here && !(has_upper(word) && has_lower(word)) &&
                      (group == 0 || length <= group) && !(has_upper(joined) && has_lower(word)) &&
                      !(has_lower(joined) && has_upper(word));
    if (!fits) break;
    joined.append(word);
    run.end = end;
    run.shape += (run.shape.empty() ? "" : " ") + std::to_string(length);
    if (group != 0 && length < group) break;
    if (group == 0) group = length;
    // Groups are short; two long words beside each other are two things.
    if (group > 8 || end == text.size() || (text[end] != ' ' && text[end] != '-')) break;
    if (separator != 0 && text[end] != separator) break;
    separator = text[end];
    at = end + 1;
  }
  if (run.end == 0) return std::nullopt;
  while (run.end < text.size() && text[run.end] == '=') ++run.end;
  run.characters = Secret(std::move(joined));
  return run;
}

/// In text order; also those too short for a key, which show that a list is one.
std::vector<Run> runs_in(std::string_view text) {
  std::vector<Run> runs;
  std::size_t at = 0;
  while (at < text.size()) {
    if (!is_alnum(text[at])) {
      ++at;
      continue;
    }
    std::optional<Run> run = run_at(text, at);
    if (run && run->characters.size() >= kShortestKey) {
      at = run->end;
      runs.push_back(std::move(*run));
    } else {
      while (at < text.size() && is_alnum(text[at])) ++at;
    }
  }
  return runs;
}

struct Candidate {
  Secret key;  // raw bytes
  std::string shape;
  std::string where;
  Route route = Route::kText;
  bool named = false;
  int weight = 0;
};

bool says_key(const PageText& texts, std::size_t index, std::size_t before) {
  const std::string_view text = texts[index].text.reveal();
  const std::size_t from = before > kContext ? before - kContext : 0;
  if (words::names_a_key(text.substr(from, before - from)) || words::names_a_key(texts[index].where)) return true;
  if (before > kContext / 2 || index == 0) return false;
  const std::string_view earlier = texts[index - 1].text.reveal();
  return words::names_a_key(earlier.substr(earlier.size() > kContext ? earlier.size() - kContext : 0));
}

bool says_recovery(const PageText& texts, std::size_t index, std::size_t before) {
  const std::string_view text = texts[index].text.reveal();
  const std::size_t from = before > kContext ? before - kContext : 0;
  return words::names_recovery_codes(text.substr(from, before - from)) ||
         words::names_recovery_codes(texts[index].where);
}

std::vector<Candidate> keys_in(const PageText& texts) {
  std::vector<Candidate> found;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const PlacedText& place = texts[i];
    // Addresses and attributes are full of tokens; only what is named there counts.
    const bool noisy =
        place.route == Route::kLink || (place.route == Route::kAttribute && !words::names_a_key(place.where));
    if (noisy && !place.named) continue;
    const Secret folded = without_uris(fold_spaces(place.text));
    const std::string_view text = folded.reveal();
    std::vector<Run> runs = runs_in(text);
    // A name beside the key may be of base32 letters as well, but it has no digits.
    const bool any_digits =
        std::ranges::any_of(runs, [](const Run& run) { return has_digit(run.characters.reveal()); });
    for (Run& run : runs) {
      if (run.characters.size() > kLongestKey) continue;
      auto key = totp::base32_decode(run.characters.reveal());
      if (!key) continue;
      Candidate candidate{std::move(*key), std::move(run.shape), place.where, place.route, place.named, 0};
      const bool digits = has_digit(run.characters.reveal());
      const bool labelled = says_key(texts, i, std::min(run.begin, texts[i].text.size()));
      // Words of a sentence can be base32 letters in equal groups; a key without a digit is 1 in 28 at 16 characters.
      if ((!place.named || any_digits) && !digits && !(labelled && has_upper(run.characters.reveal()))) continue;
      candidate.weight =
          (place.named ? 8 : 0) + (labelled ? 4 : 0) + (digits ? 2 : 0) + (run.characters.size() >= 26 ? 1 : 0);
      if (says_recovery(texts, i, std::min(run.begin, texts[i].text.size()))) candidate.weight -= 4;
      found.push_back(std::move(candidate));
    }
  }
  return found;
}

/// Takes out lists: several different values of one shape are recovery codes.
void drop_lists(std::vector<Candidate>& candidates) {
  std::map<std::string, std::vector<const Secret*>> by_shape;
  for (const Candidate& one : candidates) {
    auto& same = by_shape[one.shape];
    if (std::ranges::none_of(same, [&](const Secret* seen) { return seen->same_as(one.key); }))
      same.push_back(&one.key);
  }
  std::set<std::string> lists;
  for (const auto& [shape, values] : by_shape)
    if (values.size() >= kListFrom) lists.insert(shape);
  std::erase_if(candidates, [&](const Candidate& one) { return lists.contains(one.shape); });
}

[[noreturn]] void disagree(std::vector<std::string> places) {
  std::ranges::sort(places);
  places.erase(std::ranges::unique(places).begin(), places.end());
  throw Failure(Outcome::kSecretMismatch, fmt::format("different secrets are to be read: {}", fmt::join(places, "; ")));
}

struct Uri {
  totp::OtpAuth otpauth;
  std::string where;
  Route route;
};

std::vector<Uri> parsed_uris(const PageText& texts) {
  std::vector<Uri> uris;
  std::string refused;
  for (const PlacedText& place : texts) {
    for (const Secret& uri : uris_in(place.text.reveal())) {
      auto parsed = totp::parse_otpauth(uri.reveal());
      if (parsed)
        uris.push_back({std::move(*parsed), place.where, place.route});
      else if (refused.empty())
        refused = fmt::format("{}: {}", place.where, parsed.error());
    }
  }
  // One that we cannot use beside one that we can is still a contradiction: the app may mean the other.
  if (!refused.empty()) throw Failure(Outcome::kSecretNotFound, "the page's otpauth URI cannot be used: " + refused);
  return uris;
}

std::string source_of(std::vector<Route> routes) {
  static constexpr std::array kOrder = {Route::kPicture, Route::kLink,     Route::kAttribute, Route::kCopy,
                                        Route::kText,    Route::kDownload, Route::kPrint};
  std::vector<std::string_view> names;
  for (const Route route : kOrder)
    if (std::ranges::find(routes, route) != routes.end()) names.push_back(route_name(route));
  return fmt::format("{}", fmt::join(names, "+"));
}

FoundSecret agreed(totp::OtpAuth otpauth, std::vector<Route> routes, std::vector<std::string> places, bool by_uri) {
  return {std::move(otpauth), source_of(std::move(routes)), std::move(places), by_uri};
}

FoundSecret by_uri(std::vector<Uri> uris, const std::vector<Candidate>& keys) {
  std::vector<Route> routes;
  std::vector<std::string> places;
  bool differ = false;
  for (const Uri& uri : uris) {
    routes.push_back(uri.route);
    places.push_back(uri.where);
    differ = differ || !uri.otpauth.key.same_as(uris.front().otpauth.key) ||
             !(uri.otpauth.parameters == uris.front().otpauth.parameters);
  }
  if (differ) disagree(places);
  bool confirmed = false;
  std::vector<std::string> others;
  for (const Candidate& key : keys) {
    if (key.key.same_as(uris.front().otpauth.key)) {
      confirmed = true;
      routes.push_back(key.route);
      places.push_back(key.where);
    } else if (key.named || key.weight >= kContradicts) {
      others.push_back(key.where);
    }
  }
  const bool named_other = std::ranges::any_of(
      keys, [&](const Candidate& key) { return key.named && !key.key.same_as(uris.front().otpauth.key); });
  if (!others.empty() && (!confirmed || named_other)) {
    others.insert(others.end(), places.begin(), places.end());
    disagree(others);
  }
  return agreed(std::move(uris.front().otpauth), std::move(routes), std::move(places), true);
}

FoundSecret by_key(std::vector<Candidate> keys) {
  const int best = std::ranges::max_element(keys, {}, &Candidate::weight)->weight;
  std::erase_if(keys, [&](const Candidate& key) { return key.weight < best && !key.named; });
  std::vector<Route> routes;
  std::vector<std::string> places;
  bool differ = false;
  for (const Candidate& key : keys) {
    routes.push_back(key.route);
    places.push_back(key.where);
    differ = differ || !key.key.same_as(keys.front().key);
  }
  if (differ) disagree(places);
  totp::OtpAuth otpauth;
  otpauth.key = std::move(keys.front().key);
  return agreed(std::move(otpauth), std::move(routes), std::move(places), false);
}

}  // namespace

std::optional<FoundSecret> find_secret(const PageText& texts) {
  std::vector<Uri> uris = parsed_uris(texts);
  std::vector<Candidate> keys = keys_in(texts);
  drop_lists(keys);
  if (!uris.empty()) return by_uri(std::move(uris), keys);
  if (!keys.empty()) return by_key(std::move(keys));
  return std::nullopt;
}

std::string mask_secret_like(std::string_view text) {
  // Anything of eight or more letters and digits with a digit among them, also grouped: keys, recovery codes, tokens.
  // An outline loses a few harmless words by it, and no secret that nobody has recognised yet can stay.
  std::string result;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = at;
    std::size_t count = 0;
    bool digit = false;
    std::size_t last = at;
    while (end < text.size() &&
           (is_alnum(text[end]) ||
            ((text[end] == '-' || text[end] == ' ' || text[end] == '%' || text[end] == '=') && count > 0))) {
      if (is_alnum(text[end])) {
        ++count;
        digit = digit || (text[end] >= '0' && text[end] <= '9');
        last = end + 1;
      }
      ++end;
    }
    const std::string_view stretch = text.substr(at, last - at);
    if (count >= 8 && (digit || (has_upper(stretch) && !has_lower(stretch)))) {
      result += "[masked]";
      at = last;
    } else if (last > at) {
      result += stretch;
      at = last;
    } else {
      result += text[at++];
    }
  }
  return result;
}

}  // namespace totpilot::flow

#include "agent/api/router.h"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <optional>

namespace totpilot::api {
namespace {

std::vector<std::string_view> words_of(std::string_view path) {
  std::vector<std::string_view> words;
  for (std::size_t at = 1; at <= path.size();) {
    const auto end = std::min(path.find('/', at), path.size());
    words.push_back(path.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

bool is_parameter(std::string_view word) { return word.starts_with('{'); }

/// How many words are the very same; nothing when the row is for another path.
std::optional<int> fit(const std::vector<std::string_view>& words, const std::vector<std::string>& path) {
  if (words.size() != path.size()) return std::nullopt;
  int literal = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (is_parameter(words[i]) ? path[i].empty() : words[i] != path[i]) return std::nullopt;
    literal += is_parameter(words[i]) ? 0 : 1;
  }
  return literal;
}

}  // namespace

Router::Router(std::span<const services::Operation> operations) {
  for (const auto& one : operations)
    if (one.exposed()) rows_.push_back({&one, words_of(one.path)});
}

Route Router::find(std::string_view verb, std::string_view path) const {
  Route route;
  const auto url = boost::urls::parse_origin_form(path);
  if (!url) return route;
  std::vector<std::string> segments;
  for (const auto segment : url->segments()) segments.emplace_back(segment);
  if (segments.empty() || "/" + segments.front() != kPrefix) return route;
  segments.erase(segments.begin());
  const std::vector<std::string_view>* words = nullptr;
  int best = -1;
  for (const Row& row : rows_) {
    const auto literal = fit(row.words, segments);
    if (!literal) continue;
    const auto name = services::verb_name(row.operation->verb);
    route.allow += (route.allow.empty() ? "" : ", ") + std::string(name);
    if (name != verb || *literal <= best) continue;
    best = *literal;
    route.operation = row.operation;
    words = &row.words;
  }
  if (words == nullptr) return route;
  for (std::size_t i = 0; i < words->size(); ++i)
    if (is_parameter((*words)[i]))
      route.parameters.emplace(std::string((*words)[i].substr(1, (*words)[i].size() - 2)), segments[i]);
  return route;
}

}  // namespace totpilot::api

#include "agent/services/account_rules.h"

#include <fmt/format.h>

#include "agent/base/failure.h"
#include "agent/base/id.h"

namespace totpilot::services {
namespace {

constexpr std::size_t kLongestName = 64;

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

Origin parse_origin(std::string_view text, bool insecure_http) {
  auto origin = Origin::parse(text);
  if (!origin)
    throw Failure(Outcome::kInvalidInput, fmt::format("the address cannot be used: {}", origin.error()),
                  "write it like https://app.example");
  if (origin->transport() == Transport::kPlain && !insecure_http)
    throw Failure(Outcome::kInvalidInput,
                  fmt::format("{} is not encrypted: passwords and codes could be read on the way", origin->text()),
                  "use https, or accept it for this account with --insecure-http");
  return *origin;
}

}  // namespace

void require_account_name(std::string_view name) {
  const bool fits =
      !name.empty() && name.size() <= kLongestName && is_letter_or_digit(name.front()) &&
      std::ranges::all_of(name, [](char c) { return is_letter_or_digit(c) || std::string_view("._@+-").contains(c); });
  if (!fits)
    throw Failure(Outcome::kInvalidInput, "the account's name cannot be used",
                  "take up to 64 letters, digits and . _ @ + -, beginning with a letter or digit");
  if (AccountId::looks_right(name))
    throw Failure(Outcome::kInvalidInput, "the account's name looks like an id", "choose one that people can remember");
}

BaseAddress parse_base_address(std::string_view url) {
  auto origin = Origin::parse(url);
  if (!origin)
    throw Failure(Outcome::kInvalidInput, fmt::format("the address cannot be used: {}", origin.error()),
                  "write it like https://app.example");
  if (url.find_first_of("?#") != std::string_view::npos)
    throw Failure(Outcome::kInvalidInput, "the address has a query or a fragment",
                  "give the app's base address, up to its path");
  std::string_view path = url.substr(url.find("://") + 3);
  const std::size_t slash = path.find('/');
  path = slash == std::string_view::npos ? std::string_view() : path.substr(slash);
  while (path.ends_with('/')) path.remove_suffix(1);
  return {origin->text() + std::string(path), *origin};
}

std::vector<std::string> make_pins(const BaseAddress& address, const std::vector<std::string>& more,
                                   bool insecure_http) {
  std::vector<std::string> pins{parse_origin(address.origin.text(), insecure_http).text()};
  for (const std::string& text : more) {
    const Origin origin = parse_origin(text, insecure_http);
    if (std::ranges::find(pins, origin.text()) == pins.end()) pins.push_back(origin.text());
  }
  return pins;
}

void require_accepted_origins(const std::string& app, const std::vector<std::string>& needed,
                              const std::vector<std::string>& pins) {
  std::string missing;
  std::string options;
  for (const std::string& text : needed) {
    const auto origin = Origin::parse(text);
    const std::string& wanted = origin ? origin->text() : text;
    if (std::ranges::find(pins, wanted) != pins.end()) continue;
    missing += (missing.empty() ? "" : ", ") + wanted;
    options += " --origin " + wanted;
  }
  if (!missing.empty())
    throw Failure(Outcome::kInvalidInput, fmt::format("the playbook of {} also signs in at {}", app, missing),
                  "if that is right, accept it with" + options);
}

}  // namespace totpilot::services

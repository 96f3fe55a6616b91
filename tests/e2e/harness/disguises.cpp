#include "tests/e2e/harness/disguises.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/practice/text.h"

namespace totpilot::e2e {
namespace {

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return text;
}

std::string grouped(const std::string& text, char separator) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i > 0 && i % 4 == 0) result.push_back(separator);
    result.push_back(text[i]);
  }
  return result;
}

std::string hex(const std::string& text) {
  std::string result;
  for (const char byte : text) result += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return result;
}

std::string url_encoded(const std::string& text) {
  std::string result;
  for (const char byte : text) {
    const bool plain = std::isalnum(static_cast<unsigned char>(byte)) != 0 || byte == '-' || byte == '_' || byte == '.';
    result += plain ? std::string(1, byte) : fmt::format("%{:02X}", static_cast<unsigned char>(byte));
  }
  return result;
}

/// What is the same in base64 wherever the value begins within a group of three bytes.
std::vector<std::string> base64_cores(const std::string& text) {
  std::vector<std::string> cores;
  for (std::size_t shift = 0; shift < 3; ++shift) {
    const std::string encoded = practice::base64(std::string(shift, 'x') + text);
    const std::size_t from = shift == 0 ? 0 : shift + 1;
    const std::size_t bits = (text.size() + shift) * 8;
    const std::string core = encoded.substr(from, bits / 6 - from);
    std::string url_safe = core;
    std::ranges::replace(url_safe, '+', '-');
    std::ranges::replace(url_safe, '/', '_');
    cores.push_back(core);
    cores.push_back(url_safe);
  }
  return cores;
}

}  // namespace

std::vector<std::string> disguises_of(const std::string& value) {
  std::string json = nlohmann::json(value).dump();
  json = json.substr(1, json.size() - 2);
  std::string form = url_encoded(value);
  std::set<std::string> all{value, grouped(value, ' '), grouped(value, '-'), hex(value), form, json};
  for (std::size_t at = form.find("%20"); at != std::string::npos; at = form.find("%20", at)) form.replace(at, 3, "+");
  all.insert(form);
  for (std::string& core : base64_cores(value)) all.insert(std::move(core));
  std::vector<std::string> result;
  for (const std::string& one : all) result.push_back(lower(one));
  return result;
}

std::vector<std::string> find_in_text(const std::string& where, const std::string& text,
                                      const std::vector<Canary>& canaries) {
  const std::string low = lower(text);
  std::vector<std::string> found;
  for (const Canary& canary : canaries) {
    const auto disguises = disguises_of(canary.value);
    const bool there =
        std::ranges::any_of(disguises, [&](const std::string& one) { return low.find(one) != std::string::npos; });
    if (there) found.push_back(canary.name + " in " + where);
  }
  return found;
}

std::vector<std::string> find_in_files(const std::filesystem::path& directory, const std::vector<Canary>& canaries) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    const std::string name = entry.path().string();
    std::string text = name + "\n";
    if (entry.is_regular_file()) {
      std::ifstream stream(entry.path(), std::ios::binary);
      text.append(std::istreambuf_iterator<char>(stream), {});
    }
    std::ranges::move(find_in_text(name, text, canaries), std::back_inserter(found));
  }
  return found;
}

}  // namespace totpilot::e2e

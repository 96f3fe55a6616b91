#include "tests/practice/text.h"

#include <cstdint>
#include <stdexcept>

#include "tests/practice/web_file.h"

namespace totpilot::practice {
namespace {

int hex_digit(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
  if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
  return -1;
}

std::string form_decode(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      result.push_back(' ');
    } else if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      result.push_back(static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])));
      i += 2;
    } else {
      result.push_back(text[i]);
    }
  }
  return result;
}

}  // namespace

std::string html_escape(std::string_view text) {
  std::string result;
  for (const char letter : text) {
    switch (letter) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result.push_back(letter);
    }
  }
  return result;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = (group << 8) | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      result.push_back(i + j <= bytes.size() ? kLetters[(group >> (18 - 6 * j)) & 63U] : '=');
    }
  }
  return result;
}

std::map<std::string, std::string> parse_form(std::string_view text) {
  std::map<std::string, std::string> form;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (pair.empty()) continue;
    form[form_decode(pair.substr(0, equals))] = form_decode(pair.substr(std::min(pair.size(), equals + 1)));
  }
  return form;
}

std::string without_query(std::string_view url) { return std::string(url.substr(0, url.find_first_of("?#"))); }

std::string render(std::string_view page, const Values& values) {
  const auto source = web_file(page);
  if (!source) throw std::logic_error("no page is called " + std::string(page));
  std::string result;
  std::string_view rest = *source;
  for (;;) {
    const std::size_t open = rest.find("{{");
    result.append(rest.substr(0, open));
    if (open == std::string_view::npos) return result;
    const std::size_t close = rest.find("}}", open);
    if (close == std::string_view::npos) throw std::logic_error("an unclosed {{ in " + std::string(page));
    std::string_view name = rest.substr(open + 2, close - open - 2);
    const bool raw = name.starts_with('&');
    if (raw) name.remove_prefix(1);
    const auto value = values.find(name);
    if (value == values.end()) throw std::logic_error("no value for " + std::string(name) + " in " + std::string(page));
    result.append(raw ? value->second : html_escape(value->second));
    rest.remove_prefix(close + 2);
  }
}

}  // namespace totpilot::practice

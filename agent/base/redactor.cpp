#include "agent/base/redactor.h"

#include <cctype>
#include <vector>

#include "agent/base/encoding.h"
#include "agent/base/secret.h"

namespace totpilot {
namespace {

constexpr std::string_view kMask = "[redacted]";

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

bool is_separator(char c) { return c == ' ' || c == '-' || c == '\t' || c == '\n' || c == '\r'; }

/// Replaces `needle` in `text`, ignoring case and single separators between its characters: covers grouping and lower
/// case.
void mask_loosely(std::string& text, std::string_view needle) {
  std::size_t start = 0;
  while (start < text.size()) {
    std::size_t at = start;
    std::size_t matched = 0;
    while (at < text.size() && matched < needle.size()) {
      if (lower(text[at]) == lower(needle[matched])) {
        ++at, ++matched;
      } else if (matched > 0 && is_separator(text[at]) && !is_separator(needle[matched])) {
        ++at;
      } else {
        break;
      }
    }
    if (matched == needle.size()) {
      text.replace(start, at - start, kMask);
      start += kMask.size();
    } else {
      ++start;
    }
  }
}

void mask_exactly(std::string& text, std::string_view needle) {
  for (std::size_t at = text.find(needle); at != std::string::npos; at = text.find(needle, at + kMask.size()))
    text.replace(at, needle.size(), kMask);
}

/// The part of a base64 text that does not depend on what stands before or after the secret, for each of the three
/// alignments.
std::vector<std::string> base64_cores(std::string_view secret) {
  std::vector<std::string> cores;
  for (std::size_t skew = 0; skew < 3; ++skew) {
    std::string padded(skew, '\0');
    padded += secret;
    std::string encoded = base64_encode(padded);
    const std::size_t head = skew == 0 ? 0 : skew + 1;
    const std::size_t tail = padded.size() % 3 == 0 ? 0 : (padded.size() % 3 == 1 ? 3 : 2);
    if (encoded.size() > head + tail + 7) cores.push_back(encoded.substr(head, encoded.size() - head - tail));
    wipe(padded);
    wipe(encoded);
  }
  return cores;
}

std::string to_url_alphabet(std::string text) {
  for (char& c : text) c = c == '+' ? '-' : (c == '/' ? '_' : c);
  return text;
}

}  // namespace

Redactor& Redactor::global() {
  static Redactor* instance = new Redactor;  // outlives every static Secret
  return *instance;
}

void Redactor::add(const char* data, std::size_t size) {
  const std::lock_guard lock(mutex_);
  living_[data] = size;
}

void Redactor::remove(const char* data) {
  const std::lock_guard lock(mutex_);
  living_.erase(data);
}

std::string Redactor::redact(std::string_view text) const {
  std::string out(text);
  const std::lock_guard lock(mutex_);
  for (const auto& [data, size] : living_) {
    const std::string_view secret(data, size);
    if (size < kShortest || secret.find_first_not_of('\0') == std::string_view::npos) continue;
    mask_loosely(out, secret);
    for (std::string& form : base64_cores(secret)) {
      mask_exactly(out, form);
      mask_exactly(out, to_url_alphabet(form));
      wipe(form);
    }
    for (std::string form : {hex_encode(secret), url_encode(secret), json_escape(secret)}) {
      mask_loosely(out, form);
      wipe(form);
    }
  }
  return out;
}

}  // namespace totpilot

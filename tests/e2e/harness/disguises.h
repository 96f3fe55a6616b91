#pragma once
// The search for secrets where none may be: in files, outputs, arguments, environments, in every disguise that a secret
// may wear.
#include <filesystem>
#include <string>
#include <vector>

namespace totpilot::e2e {

struct Canary {
  std::string name;  // "password": how a finding is reported; the value is not
  std::string value;
};

/// The value as written, in lower and upper case, in groups of four, reversed into hex, base64 (at every alignment,
/// plain and URL-safe), URL-encoded and JSON-escaped.
std::vector<std::string> disguises_of(const std::string& value);

/// Findings as "password in FILE"; empty is good.
std::vector<std::string> find_in_text(const std::string& where, const std::string& text,
                                      const std::vector<Canary>& canaries);
/// All files below `directory`, their names included.
std::vector<std::string> find_in_files(const std::filesystem::path& directory, const std::vector<Canary>& canaries);

}  // namespace totpilot::e2e

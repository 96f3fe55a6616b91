#include "agent/playbook/parser.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <algorithm>

#include "agent/base/encoding.h"
#include "agent/playbook/lint.h"
#include "agent/playbook/table.h"
#include "agent/yaml/reader.h"

namespace totpilot::playbook {
namespace {

std::string sha256(std::string_view text) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return hex_encode(digest);
}

}  // namespace

Parsed parse(std::string file, std::string text) {
  Parsed parsed;
  parsed.playbook.file = file;
  yaml::Document document = yaml::read(file, text);
  parsed.diagnostics = document.problems;
  if (document.complete) {
    Reader reader;
    if (document.root.is_null())
      reader.report(yaml::problem(document.root, "this playbook is empty", "playbooks/README.md shows a whole one"));
    if (const yaml::Entry* texts = document.root.find("texts")) reader.word_lists(texts->value);
    if (!document.root.is_null()) read_record(document.root, playbook_keys(), "a playbook", parsed.playbook, reader);
    for (auto& one : reader.take_diagnostics()) {
      // What is wrong with the YAML itself is not said again as a wrong value.
      const bool said =
          std::ranges::any_of(document.problems, [&](const yaml::Diagnostic& other) { return other.at == one.at; });
      if (!said) parsed.diagnostics.push_back(std::move(one));
    }
    const Completeness completeness = yaml::has_errors(parsed.diagnostics) ? Completeness::kPart : Completeness::kWhole;
    for (auto& one : lint(parsed.playbook, document.root, completeness)) parsed.diagnostics.push_back(std::move(one));
  }
  if (parsed.playbook.title.empty()) parsed.playbook.title = parsed.playbook.app;
  parsed.playbook.hash = sha256(text);
  parsed.playbook.text = std::move(text);
  parsed.diagnostics = yaml::sorted(std::move(parsed.diagnostics));
  return parsed;
}

Playbook parse_or_throw(std::string file, std::string text) {
  Parsed parsed = parse(std::move(file), std::move(text));
  std::size_t errors = 0;
  const yaml::Diagnostic* first = nullptr;
  for (const yaml::Diagnostic& one : parsed.diagnostics) {
    if (one.severity != yaml::Severity::kError) continue;
    if (!first) first = &one;
    ++errors;
  }
  if (!first) return std::move(parsed.playbook);
  std::string message = first->message;
  if (errors > 1) message += fmt::format(" (and {} more)", errors - 1);
  throw Failure(
      Outcome::kPlaybookInvalid, std::move(message),
      first->suggestion.empty() ? fmt::format("totpilot playbook lint {}", parsed.playbook.file) : first->suggestion)
      .at(first->at);
}

}  // namespace totpilot::playbook

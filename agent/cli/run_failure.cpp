#include "agent/cli/run_failure.h"

#include <algorithm>
#include <cctype>

#include "agent/services/runs.h"

namespace totpilot::cli {

namespace {

constexpr std::string_view kPlaceholder = "ACCOUNT";

/// What account names and ids are made of: nothing that a shell would take for something else.
bool may_be_name(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("._@+-").contains(c);
  });
}

Failure naming(const Failure& failure, const std::string& account) {
  Failure named(failure.code(), failure.message(), with_account(failure.hint(), account));
  return failure.position() ? std::move(named).at(*failure.position()) : named;
}

}  // namespace

std::string with_account(std::string hint, const std::string& account) {
  if (!may_be_name(account)) return hint;
  for (std::size_t at = hint.find(kPlaceholder); at != std::string::npos;
       at = hint.find(kPlaceholder, at + account.size()))
    hint.replace(at, kPlaceholder.size(), account);
  return hint;
}

int show_failure(Output& out, const Failure& failure, const std::string& account) {
  nlohmann::ordered_json extra = nlohmann::ordered_json::object();
  const auto* failed = dynamic_cast<const services::RunFailed*>(&failure);
  if (failed != nullptr) extra = services::to_json(failed->run());
  out.failure(naming(failure, account), std::move(extra));
  if (failed != nullptr && !failed->run().report_directory.empty())
    out.note(fmt::format("  report: {}", failed->run().report_directory));
  return outcome_info(failure.code()).exit_code;
}

}  // namespace totpilot::cli

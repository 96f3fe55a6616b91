#include <CLI/CLI.hpp>
#include <algorithm>

#include "agent/cli/command.h"
#include "agent/cli/json_view.h"
#include "agent/cli/view.h"

namespace totpilot::cli {
namespace {

struct RecoveryCodesOptions {
  std::string account;
  std::string action = "list";
  bool all = false;
};

void warn_of_doubt(Output& out, const std::string& account) {
  out.warn(
      fmt::format("a run for new codes was cut off, so these may be void: totpilot recovery-codes {} new", account));
}

int list(Invocation& invocation, const RecoveryCodesOptions& options) {
  const bool reveal = options.action == "show";
  const auto list = invocation.perform(reveal ? "recovery_codes.show" : "recovery_codes.list",
                                       {{"account", options.account}, {"all", options.all}});
  const std::string account = text_at(list, "account");
  const nlohmann::ordered_json& codes = list.at("recovery_codes");
  Output& out = invocation.out();
  out.document(list);
  if (codes.empty()) {
    out.note(fmt::format("{} has no recovery codes", account));
    return 0;
  }
  std::vector<std::vector<std::string>> rows{{"NO", "CODE", "STATE", "USED"}};
  for (const auto& one : codes)
    rows.push_back(
        {text_at(one, "position"), reveal ? text_at(one, "code") : "••••••••", text_at(one, "state"),
         text_at(one, "used").empty() ? "-" : moment_at(one, "used") + " by " + printable(text_at(one, "used_by"))});
  out.table(rows);
  const auto replaced =
      std::ranges::count_if(codes, [](const auto& one) { return text_at(one, "state") == "replaced"; });
  out.note(fmt::format("{} of {} unused{}", number_at(list, "unused"), std::ssize(codes) - replaced,
                       replaced > 0 ? fmt::format("; {} replaced by newer ones", replaced) : ""));
  if (flag_at(list, "may_be_void")) warn_of_doubt(out, account);
  return 0;
}

int use(Invocation& invocation, const RecoveryCodesOptions& options) {
  const auto used = invocation.perform("recovery_codes.use", {{"account", options.account}});
  Output& out = invocation.out();
  try {
    out.document(used);
    out.line(text_at(used, "code"));
  } catch (const Failure& failure) {
    throw Failure(failure.code(), failure.message(),
                  fmt::format("the code is marked used, and kept: totpilot recovery-codes {} show", options.account));
  }
  out.note(fmt::format("number {}, marked used; {} left", number_at(used, "position"), number_at(used, "left")));
  if (flag_at(used, "may_be_void")) warn_of_doubt(out, text_at(used, "account"));
  return 0;
}

int renew(Invocation& invocation, const RecoveryCodesOptions& options) {
  const auto made = invocation.perform("recovery_codes.new", {{"account", options.account}});
  invocation.out().document(made);
  invocation.out().line(fmt::format("{} new recovery codes of {} are saved; the old ones are marked replaced",
                                    number_at(made, "recovery_codes"), text_at(made, "account")));
  return 0;
}

int run_recovery_codes(Invocation& invocation, const RecoveryCodesOptions& options) {
  invocation.set_subject(options.account);
  if (options.action == "use") return use(invocation, options);
  if (options.action == "new") return renew(invocation, options);
  return list(invocation, options);
}

}  // namespace

void add_recovery_codes_command(CommandTree& tree) {
  auto options = std::make_shared<RecoveryCodesOptions>();
  CLI::App& command = tree.add({.name = "recovery-codes",
                                .summary = "the saved recovery codes: list, show, use one, make new ones",
                                .details = "Without an action the codes are listed masked. show prints them; use "
                                           "prints one, and marks it used before it is printed;\n"
                                           "new signs in and lets the app make new ones, where its playbook knows how.",
                                .examples = {"totpilot recovery-codes work", "totpilot recovery-codes work show",
                                             "totpilot recovery-codes work use"}},
                               [options](Invocation& invocation) { return run_recovery_codes(invocation, *options); });
  command.add_option("ACCOUNT", options->account, "its name or id")->required();
  command.add_option("ACTION", options->action, "list (masked), show, use or new")
      ->check(CLI::IsMember({"list", "show", "use", "new"}))
      ->type_name("");
  command.add_flag("--all", options->all, "also those that newer ones replaced");
}

}  // namespace totpilot::cli

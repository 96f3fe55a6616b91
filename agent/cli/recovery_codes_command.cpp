#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "agent/cli/command.h"
#include "agent/cli/view.h"
#include "agent/services/codes.h"
#include "agent/services/runs.h"

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
  const auto reveal = options.action == "show" ? services::Reveal::kRevealed : services::Reveal::kMasked;
  const auto codes = invocation.run(
      services::Act{reveal == services::Reveal::kRevealed ? "recovery_codes.show" : "recovery_codes.list",
                    options.account,
                    {},
                    {}},
      services::list_recovery_codes(invocation.house(), {options.account, reveal, options.all}));
  Output& out = invocation.out();
  out.document(services::to_json(codes));
  if (codes.codes.empty()) {
    out.note(fmt::format("{} has no recovery codes", codes.account));
    return 0;
  }
  std::vector<std::vector<std::string>> rows{{"NO", "CODE", "STATE", "USED"}};
  for (const auto& one : codes.codes)
    rows.push_back({std::to_string(one.position), one.code ? std::string(one.code->reveal()) : "••••••••", one.state,
                    one.used ? day_and_time(one.used) + " by " + printable(one.used_by) : "-"});
  out.table(rows);
  const auto replaced = std::ranges::count(codes.codes, "replaced", &services::RecoveryCodeView::state);
  out.note(fmt::format("{} of {} unused{}", codes.unused, std::ssize(codes.codes) - replaced,
                       replaced > 0 ? fmt::format("; {} replaced by newer ones", replaced) : ""));
  if (codes.may_be_void) warn_of_doubt(out, codes.account);
  return 0;
}

int use(Invocation& invocation, const RecoveryCodesOptions& options) {
  const auto used =
      invocation.run(services::Act{"recovery_codes.use", options.account, {}, {}},
                     services::use_recovery_code(invocation.house(), {options.account, invocation.house().caller()}));
  Output& out = invocation.out();
  try {
    out.document(services::to_json(used));
    out.line(used.code.reveal());
  } catch (const Failure& failure) {
    throw Failure(failure.code(), failure.message(),
                  fmt::format("the code is marked used, and kept: totpilot recovery-codes {} show", options.account));
  }
  out.note(fmt::format("number {}, marked used; {} left", used.position, used.left));
  if (used.may_be_void) warn_of_doubt(out, used.account);
  return 0;
}

int renew(Invocation& invocation, const RecoveryCodesOptions& options) {
  const auto made =
      invocation.run(services::Act{"recovery_codes.new", options.account, {}, {}},
                     services::regenerate_codes(invocation.house(), {options.account}, invocation.progress()));
  invocation.out().document(services::to_json(made));
  invocation.out().line(fmt::format("{} new recovery codes of {} are saved; the old ones are marked replaced",
                                    made.saved, made.run.account));
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

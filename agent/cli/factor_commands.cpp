#include <CLI/CLI.hpp>

#include "agent/base/file.h"
#include "agent/cli/arguments.h"
#include "agent/cli/command.h"
#include "agent/cli/consent.h"
#include "agent/cli/json_view.h"
#include "agent/cli/list_view.h"
#include "agent/cli/output_file.h"
#include "agent/cli/terminal.h"
#include "agent/services/key_material.h"

namespace totpilot::cli {
namespace {

using nlohmann::ordered_json;

constexpr auto kPictureTime = std::chrono::seconds(10);
constexpr std::size_t kLargestPicture = std::size_t{16} << 20U;

struct ImportOptions {
  Arguments arguments;
  std::string file;
};

Secret read_material(const std::string& file) {
  if (!file.empty() && file != "-") return read_secret_file(file, kLargestPicture);
  if (file.empty() && is_terminal(Stream::kInput))
    return ask_secret("key or otpauth URI", "give a file, or the key on standard input");
  return read_standard_input(kLargestPicture);
}

/// A picture is read here: what goes on is text.
void put_material(Invocation& invocation, const ImportOptions& options) {
  const auto key = invocation.run(services::read_key_text(read_material(options.file), Deadline::after(kPictureTime)));
  options.arguments.set("material", key.text);
  options.arguments.set("from_picture", key.from_picture);
}

int run_import(Invocation& invocation, const ImportOptions& options) {
  const Arguments& arguments = options.arguments;
  invocation.set_subject(arguments.at("account"));
  if (!arguments.has("from_escrow")) put_material(invocation, options);
  const ordered_json imported = invocation.perform("factor.import", arguments.take());
  Output& out = invocation.out();
  out.document(imported);
  for (const std::string& warning : texts_at(imported, "warnings")) out.warn(warning);
  const ordered_json& factor = imported.at("factor");
  const std::string account = text_at(factor, "account");
  const std::string state = text_at(factor, "state");
  out.line(fmt::format("{} {} of {} ({}, {} digits, {} s) as {}",
                       flag_at(imported, "already_there") ? "already kept: factor" : "kept factor",
                       text_at(factor, "id"), account, text_at(factor, "algorithm"), text_at(factor, "digits"),
                       text_at(factor, "period"), state));
  out.line(fmt::format("code now: {}", text_at(imported, "code")));
  out.note(fmt::format("valid for {} s", (number_at(imported, "valid_for_ms") + 999) / 1000));
  if (state == "candidate")
    out.note(fmt::format("type the code into the app; when it took it: totpilot factor confirm {}", account));
  return 0;
}

void add_import(CommandTree& tree, CLI::App& group) {
  auto options = std::make_shared<ImportOptions>();
  CLI::App& command =
      tree.add(group,
               {.name = "import",
                .summary = "keep a secret that you bring: a key, an otpauth URI, or a picture of its QR code",
                .details = "FILE may hold a base32 key (in groups, in any case), an otpauth or otpauth-migration URI, "
                           "or be a PNG or JPEG picture; which\n"
                           "one is seen from its bytes. Without FILE you are asked for the key; - or a pipe is read. "
                           "It is kept as a candidate; say\n"
                           "--confirmed when the app already asks for its codes. What does not look like a key (fewer "
                           "than 80 bits, or words) is\n"
                           "refused unless --odd-key says that it is one. --from-escrow brings a key back "
                           "whose factor is no longer in\n"
                           "the database.",
                .examples = {"totpilot factor import home qr.png", "totpilot factor import home < key.txt",
                             "totpilot factor import home --confirmed < uri.txt",
                             "totpilot factor import home export.png --entry 'Example:alice'",
                             "totpilot factor import home --from-escrow fac_0193..."}},
               [options](Invocation& invocation) { return run_import(invocation, *options); });
  const Arguments& arguments = options->arguments;
  arguments.text(command, "ACCOUNT", "account", "its name or id")->required();
  auto* file = command.add_option("FILE", options->file, "a file with the key, URI or picture; - for standard input");
  arguments.flag(command, "--confirmed", "confirmed", "the app already asks for its codes: hand them out from now on");
  arguments.flag(command, "--odd-key", "odd_key",
                 "take it although it does not look like a key: fewer than 80 bits, or uneven groups");
  arguments.text(command, "--algorithm", "algorithm", "with a bare key: SHA1 (default), SHA256 or SHA512")
      ->type_name("NAME");
  arguments.integer(command, "--digits", "digits", "with a bare key: 6 (default), 7 or 8")->type_name("N");
  arguments.integer(command, "--period", "period", "with a bare key: seconds (default 30)")->type_name("S");
  arguments.text(command, "--entry", "entry", "which account of a transfer code (otpauth-migration)")
      ->type_name("NAME");
  auto* copy = arguments
                   .text(command, "--from-escrow", "from_escrow",
                         "bring back the escrow copy of this factor; see totpilot factor list --escrow")
                   ->type_name("FACTOR");
  copy->excludes(file);
  for (const char* described : {"--odd-key", "--algorithm", "--digits", "--period", "--entry"})
    copy->excludes(command.get_option(described));
}

struct ListOptions {
  std::string account;
  bool escrow = false;
};

int list_factors(Invocation& invocation, const std::string& account) {
  invocation.set_subject(account);
  show_list(
      invocation.out(), list_of_accounts(invocation, "factor.list", "factors", account), "factors",
      {"FACTOR", "ACCOUNT", "STATE", "ALGORITHM", "DIGITS", "PERIOD", "SOURCE", "CAPTURED", "PROVEN"},
      [](const ordered_json& one) -> std::vector<std::string> {
        const bool steam = text_at(one, "encoder") == "steam";
        return {text_at(one, "id"),
                text_at(one, "account"),
                text_at(one, "state"),
                steam ? "steam" : text_at(one, "algorithm"),
                text_at(one, "digits"),
                text_at(one, "period"),
                printable(text_at(one, "source")),
                moment_cell(one, "created"),
                moment_cell(one, "proven")};
      },
      "there is no factor");
  return 0;
}

int list_copies(Invocation& invocation, const std::string& account) {
  nlohmann::json arguments = nlohmann::json::object();
  if (!account.empty()) arguments["account"] = account;
  const ordered_json answer = invocation.perform("factor.escrow", std::move(arguments));
  show_list(
      invocation.out(), {{"escrow", answer.at("copies")}}, "escrow",
      {"FACTOR", "ACCOUNT", "USER NAME", "ADDRESS", "CAPTURED"},
      [](const ordered_json& one) -> std::vector<std::string> {
        const ordered_json& factor = one.at("factor");
        return {text_at(factor, "id"), printable(text_at(factor, "account")), printable(text_at(one, "username")),
                printable(text_at(one, "url")), moment_cell(factor, "created")};
      },
      "there is no escrow copy");
  return 0;
}

void add_factor_list(CommandTree& tree, CLI::App& group) {
  auto options = std::make_shared<ListOptions>();
  CLI::App& command = tree.add(
      group,
      {.name = "list",
       .summary = "list factors, without secrets",
       .details = "--escrow lists the sealed copies that are kept beside the database instead: of factors that "
                  "no login has proven yet, and of\n"
                  "accounts that were removed. It needs neither key nor database; totpilot factor export and "
                  "factor import --from-escrow take\n"
                  "one out.",
       .examples = {"totpilot factor list work", "totpilot factor list --escrow"}},
      [options](Invocation& invocation) {
        return options->escrow ? list_copies(invocation, options->account) : list_factors(invocation, options->account);
      });
  command.add_option("ACCOUNT", options->account, "its name or id; default: all accounts");
  command.add_flag("--escrow", options->escrow, "the copies beside the database, by the account's name");
}

/// What a person says of a factor, and what it is then.
int decide(Invocation& invocation, std::string_view operation, const Arguments& arguments) {
  invocation.set_subject(arguments.at("account"));
  const ordered_json factor = invocation.perform(operation, arguments.take());
  invocation.out().document({{"factor", factor}});
  invocation.out().line(fmt::format("factor {} of {} is {}", text_at(factor, "id"), text_at(factor, "account"),
                                    text_at(factor, "state")));
  return 0;
}

void add_confirm(CommandTree& tree, CLI::App& group) {
  const Arguments arguments;
  CLI::App& command =
      tree.add(group,
               {.name = "confirm",
                .summary = "say that the app uses this factor: its codes are handed out from now on",
                .details = "What was in use before becomes superseded; nothing is deleted.",
                .examples = {"totpilot factor confirm home"}},
               [arguments](Invocation& invocation) { return decide(invocation, "factor.confirm", arguments); });
  arguments.text(command, "ACCOUNT", "account", "its name or id")->required();
  arguments.text(command, "FACTOR", "factor", "its id; default: the newest candidate");
}

struct DecisionOptions {
  Arguments arguments;
  Consent consent;
};

void add_discard(CommandTree& tree, CLI::App& group) {
  auto options = std::make_shared<DecisionOptions>();
  CLI::App& command =
      tree.add(group,
               {.name = "discard",
                .summary = "take a factor that the app does not use out of every list; its row stays",
                .details = "Asks first; a script says --yes.",
                .examples = {"totpilot factor discard home fac_0193...", "totpilot factor discard home --yes"}},
               [options](Invocation& invocation) {
                 const std::string factor = options->arguments.at("factor");
                 options->consent.require(
                     fmt::format("discard {} of {}?", factor.empty() ? "the newest candidate" : printable(factor),
                                 printable(options->arguments.at("account"))),
                     "nothing was discarded");
                 return decide(invocation, "factor.discard", options->arguments);
               });
  options->arguments.text(command, "ACCOUNT", "account", "its name or id")->required();
  options->arguments.text(command, "FACTOR", "factor", "its id; default: the newest candidate");
  options->consent.add_option(command);
}

void add_retire(CommandTree& tree, CLI::App& group) {
  auto options = std::make_shared<DecisionOptions>();
  CLI::App& command = tree.add(
      group,
      {.name = "retire",
       .summary = "say that MFA was turned off by hand: the factor in use is no longer handed out",
       .details = "For self-managed accounts, where totpilot disable has no playbook to follow. Turn MFA off in "
                  "the app first.\n"
                  "Nothing is deleted: the factor becomes superseded, its recovery codes replaced; factor "
                  "confirm with its id takes\n"
                  "it back. Asks first; a script says --yes.",
       .examples = {"totpilot factor retire home", "totpilot factor retire home --yes"}},
      [options](Invocation& invocation) {
        options->consent.require(
            fmt::format("is MFA of {} turned off in the app?", printable(options->arguments.at("account"))),
            "the factor was left in use");
        return decide(invocation, "factor.retire", options->arguments);
      });
  options->arguments.text(command, "ACCOUNT", "account", "its name or id")->required();
  options->consent.add_option(command);
}

struct ExportOptions {
  Arguments arguments;
  std::string form = "uri";
  OutputFile output;
};

int run_export(Invocation& invocation, const ExportOptions& options) {
  invocation.set_subject(options.arguments.at("account"));
  options.output.require_writable();
  ordered_json exported = invocation.perform("factor.export", options.arguments.take());
  Output& out = invocation.out();
  std::string text = text_at(exported, options.form == "base32" ? "base32" : "uri") + "\n";
  if (options.output.given()) {
    options.output.write(text);
    out.document({{"factor", exported.at("factor")}, {"file", options.output.path()}});
    out.line(fmt::format("wrote {} (mode 0600)", options.output.path()));
  } else if (out.json()) {
    out.document(exported);
  } else {
    out.raw(text);
  }
  wipe(text);
  for (const char* secret : {"uri", "base32"}) wipe(exported.at(secret).get_ref<std::string&>());
  return 0;
}

void add_export(CommandTree& tree, CLI::App& group) {
  auto options = std::make_shared<ExportOptions>();
  CLI::App& command = tree.add(
      group,
      {.name = "export",
       .summary = "print a factor's secret",
       .details = "Whoever sees it can make the account's codes for ever. Without FACTOR it is the factor in use; the "
                  "id of a factor\n"
                  "that is no longer in the database, because its account was removed or the database is lost, is "
                  "looked for among the escrow\n"
                  "copies (totpilot factor list --escrow).",
       .examples = {"totpilot factor export work", "totpilot factor export work --as base32 | oathtool --totp -b -",
                    "totpilot factor export work --output work.otpauth"}},
      [options](Invocation& invocation) { return run_export(invocation, *options); });
  options->arguments.text(command, "ACCOUNT", "account", "its name or id")->required();
  options->arguments.text(command, "FACTOR", "factor", "its id");
  command.add_option("--as", options->form, "uri (default) or base32")
      ->check(CLI::IsMember({"uri", "base32"}))
      ->type_name("FORM");
  options->output.add_options(command, "--output", "write to this new file instead of standard output");
}

}  // namespace

void add_factor_commands(CommandTree& tree) {
  CLI::App& group = tree.add_group({.name = "factor",
                                    .summary = "TOTP secrets by hand: import, list, confirm, discard, retire, export",
                                    .details = {},
                                    .examples = {}});
  add_import(tree, group);
  add_factor_list(tree, group);
  add_confirm(tree, group);
  add_discard(tree, group);
  add_retire(tree, group);
  add_export(tree, group);
}

}  // namespace totpilot::cli

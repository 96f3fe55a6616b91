#include <CLI/CLI.hpp>

#include "agent/base/file.h"
#include "agent/cli/command.h"
#include "agent/cli/consent.h"
#include "agent/cli/output_file.h"
#include "agent/cli/terminal.h"
#include "agent/cli/view.h"
#include "agent/services/escrow.h"
#include "agent/services/factors.h"

namespace totpilot::cli {
namespace {

constexpr std::size_t kLargestPicture = std::size_t{16} << 20U;

struct ImportOptions {
  services::ImportFactor request;
  std::string file;
};

Secret read_material(const std::string& file) {
  if (!file.empty() && file != "-") return read_secret_file(file, kLargestPicture);
  if (file.empty() && is_terminal(Stream::kInput))
    return ask_secret("key or otpauth URI", "give a file, or the key on standard input");
  return read_standard_input(kLargestPicture);
}

int run_import(Invocation& invocation, ImportOptions& options) {
  invocation.set_subject(options.request.account);
  if (options.request.from_escrow.empty()) options.request.material = read_material(options.file);
  const std::string account = options.request.account;
  const auto imported = invocation.run(services::Act{"factor.import", account, {}, {}},
                                       services::import_factor(invocation.house(), std::move(options.request)));
  Output& out = invocation.out();
  out.document(services::to_json(imported));
  for (const std::string& warning : imported.warnings) out.warn(warning);
  const services::FactorView& factor = imported.factor;
  out.line(fmt::format("{} {} of {} ({}, {} digits, {} s) as {}",
                       imported.already_there ? "already kept: factor" : "kept factor", factor.id.str(), factor.account,
                       factor.algorithm, factor.digits, factor.period, factor.state));
  out.line(fmt::format("code now: {}", imported.code.reveal()));
  out.note(fmt::format("valid for {} s", (imported.valid_for.count() + 999) / 1000));
  if (factor.state == "candidate")
    out.note(fmt::format("type the code into the app; when it took it: totpilot factor confirm {}", factor.account));
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
  services::ImportFactor& request = options->request;
  command.add_option("ACCOUNT", request.account, "its name or id")->required();
  auto* file = command.add_option("FILE", options->file, "a file with the key, URI or picture; - for standard input");
  command.add_flag("--confirmed", request.confirmed, "the app already asks for its codes: hand them out from now on");
  command.add_flag("--odd-key", request.odd_key,
                   "take it although it does not look like a key: fewer than 80 bits, or uneven groups");
  command.add_option("--algorithm", request.algorithm, "with a bare key: SHA1 (default), SHA256 or SHA512")
      ->type_name("NAME");
  command.add_option("--digits", request.digits, "with a bare key: 6 (default), 7 or 8")->type_name("N");
  command.add_option("--period", request.period, "with a bare key: seconds (default 30)")->type_name("S");
  command.add_option("--entry", request.entry, "which account of a transfer code (otpauth-migration)")
      ->type_name("NAME");
  auto* copy = command
                   .add_option("--from-escrow", request.from_escrow,
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
  const auto factors = invocation.run(services::list_factors(invocation.house(), account));
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  std::vector<std::vector<std::string>> rows{
      {"FACTOR", "ACCOUNT", "STATE", "ALGORITHM", "DIGITS", "PERIOD", "SOURCE", "CAPTURED", "PROVEN"}};
  for (const auto& one : factors) {
    list.push_back(services::to_json(one));
    rows.push_back({one.id.str(), one.account, one.state, one.encoder == "steam" ? "steam" : one.algorithm,
                    std::to_string(one.digits), std::to_string(one.period), printable(one.source),
                    day_and_time(one.created), day_and_time(one.proven)});
  }
  invocation.out().document({{"factors", std::move(list)}});
  if (factors.empty()) {
    invocation.out().note("there is no factor");
  } else {
    invocation.out().table(rows);
  }
  return 0;
}

int list_copies(Invocation& invocation, const std::string& account) {
  const auto copies = invocation.run(services::list_escrow(invocation.house(), account));
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  std::vector<std::vector<std::string>> rows{{"FACTOR", "ACCOUNT", "USER NAME", "ADDRESS", "CAPTURED"}};
  for (const auto& one : copies) {
    list.push_back(services::to_json(one));
    rows.push_back({one.factor.id.str(), printable(one.factor.account), printable(one.username), printable(one.url),
                    day_and_time(one.factor.created)});
  }
  invocation.out().document({{"escrow", std::move(list)}});
  if (copies.empty()) {
    invocation.out().note("there is no escrow copy");
  } else {
    invocation.out().table(rows);
  }
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

int say_decision(Invocation& invocation, const services::FactorView& factor) {
  invocation.out().document({{"factor", services::to_json(factor)}});
  invocation.out().line(fmt::format("factor {} of {} is {}", factor.id.str(), factor.account, factor.state));
  return 0;
}

void add_confirm(CommandTree& tree, CLI::App& group) {
  auto request = std::make_shared<services::NameFactor>();
  CLI::App& command =
      tree.add(group,
               {.name = "confirm",
                .summary = "say that the app uses this factor: its codes are handed out from now on",
                .details = "What was in use before becomes superseded; nothing is deleted.",
                .examples = {"totpilot factor confirm home"}},
               [request](Invocation& invocation) {
                 invocation.set_subject(request->account);
                 return say_decision(
                     invocation, invocation.run(services::Act{"factor.confirm", request->account, request->factor, {}},
                                                services::confirm_factor(invocation.house(), *request)));
               });
  command.add_option("ACCOUNT", request->account, "its name or id")->required();
  command.add_option("FACTOR", request->factor, "its id; default: the newest candidate");
}

struct DiscardOptions {
  services::NameFactor request;
  Consent consent;
};

void add_discard(CommandTree& tree, CLI::App& group) {
  auto options = std::make_shared<DiscardOptions>();
  CLI::App& command =
      tree.add(group,
               {.name = "discard",
                .summary = "take a factor that the app does not use out of every list; its row stays",
                .details = "Asks first; a script says --yes.",
                .examples = {"totpilot factor discard home fac_0193...", "totpilot factor discard home --yes"}},
               [options](Invocation& invocation) {
                 const services::NameFactor& request = options->request;
                 invocation.set_subject(request.account);
                 options->consent.require(
                     fmt::format("discard {} of {}?",
                                 request.factor.empty() ? "the newest candidate" : printable(request.factor),
                                 printable(request.account)),
                     "nothing was discarded");
                 return say_decision(
                     invocation, invocation.run(services::Act{"factor.discard", request.account, request.factor, {}},
                                                services::discard_factor(invocation.house(), request)));
               });
  command.add_option("ACCOUNT", options->request.account, "its name or id")->required();
  command.add_option("FACTOR", options->request.factor, "its id; default: the newest candidate");
  options->consent.add_option(command);
}

struct RetireOptions {
  std::string account;
  Consent consent;
};

void add_retire(CommandTree& tree, CLI::App& group) {
  auto options = std::make_shared<RetireOptions>();
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
        invocation.set_subject(options->account);
        options->consent.require(fmt::format("is MFA of {} turned off in the app?", printable(options->account)),
                                 "the factor was left in use");
        return say_decision(invocation, invocation.run(services::Act{"factor.retire", options->account, {}, {}},
                                                       services::retire_factor(invocation.house(), options->account)));
      });
  command.add_option("ACCOUNT", options->account, "its name or id")->required();
  options->consent.add_option(command);
}

struct ExportOptions {
  services::NameFactor request;
  std::string form = "uri";
  OutputFile output;
};

Secret as_line(const Secret& secret) {
  Secret line = Secret::zeros(secret.size() + 1);
  const auto end = std::ranges::copy(secret.reveal(), line.writable().begin()).out;
  *end = '\n';
  return line;
}

int run_export(Invocation& invocation, const ExportOptions& options) {
  invocation.set_subject(options.request.account);
  options.output.require_writable();
  const auto exported =
      invocation.run(services::Act{"factor.export", options.request.account, options.request.factor, {}},
                     services::export_factor(invocation.house(), options.request));
  Output& out = invocation.out();
  const Secret text = as_line(options.form == "base32" ? exported.base32 : exported.uri);
  if (options.output.given()) {
    options.output.write(text.reveal());
    out.document({{"factor", services::to_json(exported.factor)}, {"file", options.output.path()}});
    out.line(fmt::format("wrote {} (mode 0600)", options.output.path()));
    return 0;
  }
  out.document(services::to_json(exported));
  if (!out.json()) out.raw(text.reveal());
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
  command.add_option("ACCOUNT", options->request.account, "its name or id")->required();
  command.add_option("FACTOR", options->request.factor, "its id");
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

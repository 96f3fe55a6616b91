#include <CLI/CLI.hpp>

#include "agent/cli/arguments.h"
#include "agent/cli/command.h"
#include "agent/cli/json_view.h"
#include "agent/cli/list_view.h"
#include "agent/cli/view.h"

namespace totpilot::cli {
namespace {

using nlohmann::ordered_json;

void add_token_add(CommandTree& tree, CLI::App& group) {
  const Arguments arguments;
  CLI::App& command =
      tree.add(group,
               {.name = "add",
                .summary = "make an API token and print it, once",
                .details = "Scopes: read, manage, run, codes, secrets, vault, people. Kept is only its hash.",
                .examples = {"totpilot token add ci --scope read --scope codes --days 30"}},
               [arguments](Invocation& invocation) {
                 const ordered_json added = invocation.perform("token.add", arguments.take());
                 const std::string until = moment_at(added, "expires");
                 Output& out = invocation.out();
                 out.document(added);
                 out.line(text_at(added, "key"));
                 out.note(until.empty() ? "holds without an end" : "holds until " + until);
                 return 0;
               });
  arguments.text(command, "NAME", "name", "what it is called")->required();
  arguments.texts(command, "--scope", "scopes", "what it may do")->type_name("SCOPE")->required();
  arguments.integer(command, "--days", "days", "how long it holds; default 90; 0: without an end")->type_name("N");
  arguments.text(command, "--member", "member", "bound by what this member may")->type_name("MEMBER");
}

void add_token_list(CommandTree& tree, CLI::App& group) {
  tree.add(group, {.name = "list", .summary = "list tokens", .details = {}, .examples = {"totpilot token list"}},
           [](Invocation& invocation) {
             show_list(invocation.out(), invocation.perform("token.list"), "tokens",
                       {"NAME", "MEMBER", "SCOPES", "UNTIL", "LAST USED"},
                       [](const ordered_json& one) -> std::vector<std::string> {
                         return {text_at(one, "name"), or_dash(text_at(one, "member")),
                                 joined(texts_at(one, "scopes"), " "),
                                 text_at(one, "revoked").empty() ? moment_cell(one, "expires") : "revoked",
                                 moment_cell(one, "used")};
                       });
             return 0;
           });
}

void add_token_revoke(CommandTree& tree, CLI::App& group) {
  auto name = std::make_shared<std::string>();
  CLI::App& command = tree.add(
      group,
      {.name = "revoke", .summary = "end a token at once", .details = {}, .examples = {"totpilot token revoke ci"}},
      [name](Invocation& invocation) {
        const ordered_json token = invocation.perform("token.revoke", {{"token", *name}});
        invocation.out().document({{"token", token}});
        invocation.out().line(fmt::format("revoked {}", text_at(token, "name")));
        return 0;
      });
  command.add_option("TOKEN", *name, "name or id")->required();
}

void add_approval_list(CommandTree& tree, CLI::App& group) {
  tree.add(group,
           {.name = "list",
            .summary = "list what waits for a second person",
            .details = {},
            .examples = {"totpilot approval list"}},
           [](Invocation& invocation) {
             show_list(invocation.out(), invocation.perform("approval.list"), "approvals",
                       {"ID", "ACT", "ACCOUNT", "ASKED BY", "UNTIL", "GRANTED BY"},
                       [](const ordered_json& one) -> std::vector<std::string> {
                         return {text_at(one, "id"),          text_at(one, "act"),
                                 text_at(one, "account"),     text_at(one, "asked_by"),
                                 moment_cell(one, "expires"), or_dash(text_at(one, "granted_by"))};
                       });
             return 0;
           });
}

void add_approval_grant(CommandTree& tree, CLI::App& group) {
  auto id = std::make_shared<std::string>();
  CLI::App& command =
      tree.add(group,
               {.name = "grant",
                .summary = "agree, as a second person, to what somebody asked for",
                .details = "Who asked cannot grant it. It holds for an hour from when it was asked for, and once.",
                .examples = {"totpilot approval grant apr_0193..."}},
               [id](Invocation& invocation) {
                 const ordered_json approval = invocation.perform("approval.grant", {{"approval", *id}});
                 invocation.out().document({{"approval", approval}});
                 invocation.out().line(fmt::format("granted: {} of {} by {}", text_at(approval, "act"),
                                                   text_at(approval, "account"), text_at(approval, "asked_by")));
                 return 0;
               });
  command.add_option("APPROVAL", *id, "its id")->required();
}

void add_audit_list(CommandTree& tree, CLI::App& group) {
  const Arguments arguments;
  CLI::App& command =
      tree.add(group,
               {.name = "list",
                .summary = "list who did what, newest first",
                .details = "A change has two lines: \"begun\" and its outcome. What gives a code or a secret has one, "
                           "written before it "
                           "was given.",
                .examples = {"totpilot audit list --since 24h", "totpilot audit list --account work --act factor."}},
               [arguments](Invocation& invocation) {
                 show_list(invocation.out(), invocation.perform("audit.list", arguments.take()), "records",
                           {"AT", "WHO", "ACT", "ACCOUNT", "OBJECT", "OUTCOME"},
                           [](const ordered_json& one) -> std::vector<std::string> {
                             return {text_at(one, "at"),      text_at(one, "who"),    text_at(one, "act"),
                                     text_at(one, "account"), text_at(one, "object"), text_at(one, "outcome")};
                           });
                 return 0;
               });
  arguments.text(command, "--account", "account", "only about this account")->type_name("ACCOUNT");
  arguments.text(command, "--who", "who", "only by this caller")->type_name("WHO");
  arguments.text(command, "--act", "act", "only this act; with a dot at its end, all that begin so")->type_name("ACT");
  arguments.text(command, "--outcome", "outcome", "only with this outcome")->type_name("OUTCOME");
  arguments.text(command, "--since", "since", "a span before now: 24h, 30d")->type_name("SPAN");
  arguments.integer(command, "--limit", "limit", "how many at most; default 100")->type_name("N");
}

int run_audit_verify(Invocation& invocation) {
  const ordered_json verdict = invocation.perform("audit.verify");
  Output& out = invocation.out();
  if (!flag_at(verdict, "whole")) {
    for (const ordered_json& one : verdict.at("breaks")) {
      const std::string what = text_at(one, "what");
      const auto sequence = number_at(one, "sequence");
      out.warn(sequence > 0 ? fmt::format("chain {}, record {}: {}", text_at(one, "writer"), sequence, what) : what);
    }
    throw Failure(Outcome::kNeedsHuman, "the audit log is not as it was written",
                  "find out who could write to the database; a restored backup also shows like this");
  }
  out.document(verdict);
  out.line(fmt::format("{} records in {} chains, {} checkpoints: as they were written", text_at(verdict, "records"),
                       text_at(verdict, "chains"), text_at(verdict, "checkpoints")));
  return 0;
}

}  // namespace

void add_token_commands(CommandTree& tree) {
  CLI::App& tokens =
      tree.add_group({.name = "token", .summary = "API tokens: add, list, revoke", .details = {}, .examples = {}});
  add_token_add(tree, tokens);
  add_token_list(tree, tokens);
  add_token_revoke(tree, tokens);
}

void add_audit_commands(CommandTree& tree) {
  CLI::App& approvals = tree.add_group(
      {.name = "approval", .summary = "what needs a second person: list, grant", .details = {}, .examples = {}});
  add_approval_list(tree, approvals);
  add_approval_grant(tree, approvals);
  CLI::App& audit = tree.add_group(
      {.name = "audit", .summary = "the log of who did what: list, verify", .details = {}, .examples = {}});
  add_audit_list(tree, audit);
  tree.add(audit,
           {.name = "verify",
            .summary = "say whether the log is as it was written, and where not",
            .details = "Goes over every record, and compares the chains with the checkpoints beside the database and "
                       "with the stream's file\n(audit.stream).",
            .examples = {"totpilot audit verify"}},
           run_audit_verify);
}

}  // namespace totpilot::cli

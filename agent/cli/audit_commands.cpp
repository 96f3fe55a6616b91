#include <CLI/CLI.hpp>

#include "agent/cli/command.h"
#include "agent/cli/view.h"
#include "agent/services/approvals.h"
#include "agent/services/audit_views.h"
#include "agent/services/tokens.h"

namespace totpilot::cli {
namespace {

using services::Act;

template <class View>
nlohmann::ordered_json documents_of(const std::vector<View>& views) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const View& view : views) list.push_back(services::to_json(view));
  return list;
}

void add_token_add(CommandTree& tree, CLI::App& group) {
  auto request = std::make_shared<services::AddToken>();
  CLI::App& command = tree.add(
      group,
      {.name = "add",
       .summary = "make an API token and print it, once",
       .details = "Scopes: read, manage, run, codes, secrets, vault, people. Kept is only its hash.",
       .examples = {"totpilot token add ci --scope read --scope codes --days 30"}},
      [request](Invocation& invocation) {
        const auto added = invocation.run(Act{"token.add", {}, request->name, {{"scopes", request->scopes}}},
                                          services::add_token(invocation.house(), invocation.caller(), *request));
        Output& out = invocation.out();
        out.document(services::to_json(added));
        out.line(added.key.reveal());
        out.note(added.token.expires ? "holds until " + day_and_time(added.token.expires) : "holds without an end");
        return 0;
      });
  command.add_option("NAME", request->name, "what it is called")->required();
  command.add_option("--scope", request->scopes, "what it may do")->type_name("SCOPE")->required();
  command.add_option("--days", request->days, "how long it holds; default 90; 0: without an end")->type_name("N");
  command.add_option("--member", request->member, "bound by what this member may")->type_name("MEMBER");
}

void add_token_list(CommandTree& tree, CLI::App& group) {
  tree.add(group, {.name = "list", .summary = "list tokens", .details = {}, .examples = {"totpilot token list"}},
           [](Invocation& invocation) {
             const auto tokens = invocation.run(services::list_tokens(invocation.house(), invocation.caller()));
             std::vector<std::vector<std::string>> rows = {{"NAME", "MEMBER", "SCOPES", "UNTIL", "LAST USED"}};
             for (const auto& one : tokens)
               rows.push_back({one.name, one.member.empty() ? "-" : one.member, joined(one.scopes, " "),
                               one.revoked ? "revoked" : day_and_time(one.expires), day_and_time(one.used)});
             invocation.out().document({{"tokens", documents_of(tokens)}});
             invocation.out().table(rows);
             return 0;
           });
}

void add_token_revoke(CommandTree& tree, CLI::App& group) {
  auto name = std::make_shared<std::string>();
  CLI::App& command = tree.add(
      group,
      {.name = "revoke", .summary = "end a token at once", .details = {}, .examples = {"totpilot token revoke ci"}},
      [name](Invocation& invocation) {
        const auto token = invocation.run(Act{"token.revoke", {}, *name, {}},
                                          services::revoke_token(invocation.house(), invocation.caller(), *name));
        invocation.out().document({{"token", services::to_json(token)}});
        invocation.out().line(fmt::format("revoked {}", token.name));
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
             const auto approvals = invocation.run(services::list_approvals(invocation.house()));
             std::vector<std::vector<std::string>> rows = {{"ID", "ACT", "ACCOUNT", "ASKED BY", "UNTIL", "GRANTED BY"}};
             for (const auto& one : approvals)
               rows.push_back({one.id.str(), one.act, one.account, one.asked_by, day_and_time(one.expires),
                               one.granted_by.empty() ? "-" : one.granted_by});
             invocation.out().document({{"approvals", documents_of(approvals)}});
             invocation.out().table(rows);
             return 0;
           });
}

void add_approval_grant(CommandTree& tree, CLI::App& group) {
  auto id = std::make_shared<std::string>();
  CLI::App& command = tree.add(
      group,
      {.name = "grant",
       .summary = "agree, as a second person, to what somebody asked for",
       .details = "Who asked cannot grant it. It holds for an hour from when it was asked for, and once.",
       .examples = {"totpilot approval grant apr_0193..."}},
      [id](Invocation& invocation) {
        const auto approval = invocation.run(Act{"approval.grant", {}, *id, {}},
                                             services::grant_approval(invocation.house(), invocation.caller(), *id));
        invocation.out().document({{"approval", services::to_json(approval)}});
        invocation.out().line(
            fmt::format("granted: {} of {} by {}", approval.act, approval.account, approval.asked_by));
        return 0;
      });
  command.add_option("APPROVAL", *id, "its id")->required();
}

void add_audit_list(CommandTree& tree, CLI::App& group) {
  auto request = std::make_shared<services::ListAudit>();
  CLI::App& command =
      tree.add(group,
               {.name = "list",
                .summary = "list who did what, newest first",
                .details = "A change has two lines: \"begun\" and its outcome. What gives a code or a secret has one, "
                           "written before it "
                           "was given.",
                .examples = {"totpilot audit list --since 24h", "totpilot audit list --account work --act factor."}},
               [request](Invocation& invocation) {
                 const auto records = invocation.run(services::list_audit(invocation.house(), *request));
                 std::vector<std::vector<std::string>> rows = {{"AT", "WHO", "ACT", "ACCOUNT", "OBJECT", "OUTCOME"}};
                 for (const auto& one : records)
                   rows.push_back({to_iso(one.at), one.who, one.act, one.account, one.object, one.outcome});
                 invocation.out().document({{"records", documents_of(records)}});
                 invocation.out().table(rows);
                 return 0;
               });
  command.add_option("--account", request->account, "only about this account")->type_name("ACCOUNT");
  command.add_option("--who", request->who, "only by this caller")->type_name("WHO");
  command.add_option("--act", request->act, "only this act; with a dot at its end, all that begin so")
      ->type_name("ACT");
  command.add_option("--outcome", request->outcome, "only with this outcome")->type_name("OUTCOME");
  command.add_option("--since", request->since, "a span before now: 24h, 30d")->type_name("SPAN");
  command.add_option("--limit", request->limit, "how many at most; default 100")->type_name("N");
}

int run_audit_verify(Invocation& invocation) {
  const auto verdict = invocation.run(services::verify_audit(invocation.house()));
  Output& out = invocation.out();
  if (!verdict.whole()) {
    for (const auto& one : verdict.breaks)
      out.warn(one.sequence > 0 ? fmt::format("chain {}, record {}: {}", one.writer, one.sequence, one.what)
                                : one.what);
    throw Failure(Outcome::kNeedsHuman, "the audit log is not as it was written",
                  "find out who could write to the database; a restored backup also shows like this");
  }
  out.document(services::to_json(verdict));
  out.line(fmt::format("{} records in {} chains, {} checkpoints: as they were written", verdict.records, verdict.chains,
                       verdict.checkpoints));
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

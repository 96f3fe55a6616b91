#include <CLI/CLI.hpp>

#include "agent/cli/command.h"
#include "agent/cli/view.h"
#include "agent/services/codes.h"

namespace totpilot::cli {
namespace {

int run_code(Invocation& invocation, const services::GetCode& request) {
  invocation.set_subject(request.account);
  const auto code =
      invocation.run(services::get_code(invocation.house(), request, invocation.deadline(), invocation.progress()));
  Output& out = invocation.out();
  out.document(services::to_json(code));
  out.line(code.code.reveal());
  out.note(fmt::format("valid for {} s", (code.valid_for.count() + 999) / 1000));
  if (!code.proven) out.warn("no login has proven this factor yet; totpilot check " + code.account);
  if (code.next_free)
    out.warn(fmt::format(
        "{}; the next one that nobody has starts in {} s (--wait-fresh waits for it)",
        code.standing == services::CodeView::Standing::kSent
            ? "this code was sent to the app already, which may refuse it"
            : "a job is about to send this code, and it works once",
        std::max<std::int64_t>(0, (*code.next_free - invocation.house().clock().now()).count() + 999) / 1000));
  return 0;
}

}  // namespace

void add_code_command(CommandTree& tree) {
  auto request = std::make_shared<services::GetCode>();
  auto fresh = std::make_shared<bool>(false);
  CLI::App& command =
      tree.add({.name = "code",
                .summary = "print a one-time code",
                .details = "Prints the code of this moment, as an authenticator app would, and notes that it was seen. "
                           "With --wait-fresh it is a\n"
                           "code of a window that nobody has used or seen, kept free of jobs, with time left to type "
                           "it; waits for it, and says why.",
                .examples = {"totpilot code work", "totpilot code work --wait-fresh", "totpilot -q code work | xclip"}},
               [request, fresh](Invocation& invocation) {
                 request->freshness = *fresh ? services::Freshness::kFresh : services::Freshness::kNow;
                 return run_code(invocation, *request);
               });
  command.add_option("ACCOUNT", request->account, "its name or id")->required();
  command.add_flag("--wait-fresh", *fresh, "a code that the app cannot have seen; for scripts");
}

}  // namespace totpilot::cli

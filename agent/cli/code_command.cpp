#include <CLI/CLI.hpp>

#include "agent/cli/command.h"
#include "agent/cli/view.h"
#include "agent/services/codes.h"

namespace totpilot::cli {
namespace {

std::string_view words_of(services::CodeView::Standing standing) {
  using enum services::CodeView::Standing;
  switch (standing) {
    case kFree:
      return "nobody has this code";
    case kReserved:
      return "another run is about to use this code, and it works once";
    case kSent:
      return "this code was sent to the app already, which may refuse it";
    case kHandedOut:
      return "this code was handed out already (--wait-fresh); whoever got it may use it, and it works once";
    case kOvertaken:
      return "a later code was used already, so the app may refuse this one";
  }
  return "";
}

int run_code(Invocation& invocation, const services::GetCode& request) {
  invocation.set_subject(request.account);
  const auto code =
      invocation.run(services::Act{"code.get", request.account, {}, {}},
                     services::get_code(invocation.house(), request, invocation.deadline(), invocation.progress()));
  Output& out = invocation.out();
  out.document(services::to_json(code));
  out.line(code.code.reveal());
  out.note(fmt::format("valid for {} s", (code.valid_for.count() + 999) / 1000));
  // Of a self-managed account no login of ours can prove anything.
  if (!code.proven && !code.self_managed)
    out.warn("no login has proven this factor yet; totpilot check " + code.account);
  if (code.next_free)
    out.warn(fmt::format(
        "{}; the next one that nobody has starts in {} s (--wait-fresh waits for it)", words_of(code.standing),
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

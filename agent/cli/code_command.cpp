#include <CLI/CLI.hpp>

#include "agent/cli/command.h"
#include "agent/cli/json_view.h"

namespace totpilot::cli {
namespace {

std::string_view words_of(std::string_view standing) {
  if (standing == "reserved") return "another run is about to use this code, and it works once";
  if (standing == "sent") return "this code was sent to the app already, which may refuse it";
  if (standing == "handed_out")
    return "this code was handed out already (--wait-fresh); whoever got it may use it, and it works once";
  if (standing == "overtaken") return "a later code was used already, so the app may refuse this one";
  return "nobody has this code";
}

std::int64_t seconds_at(const nlohmann::ordered_json& code, const char* name) {
  return std::chrono::ceil<std::chrono::seconds>(std::chrono::milliseconds(number_at(code, name))).count();
}

struct CodeOptions {
  std::string account;
  bool fresh = false;
};

int run_code(Invocation& invocation, const CodeOptions& options) {
  invocation.set_subject(options.account);
  const auto code = invocation.perform(options.fresh ? "code.claim" : "code.get", {{"account", options.account}});
  Output& out = invocation.out();
  out.document(code);
  out.line(text_at(code, "code"));
  out.note(fmt::format("valid for {} s", seconds_at(code, "valid_for_ms")));
  // Of a self-managed account no login of ours can prove anything.
  if (!flag_at(code, "proven") && !flag_at(code, "self_managed"))
    out.warn("no login has proven this factor yet; totpilot check " + text_at(code, "account"));
  if (!text_at(code, "next_free").empty())
    out.warn(fmt::format("{}; the next one that nobody has starts in {} s (--wait-fresh waits for it)",
                         words_of(text_at(code, "standing")), seconds_at(code, "next_free_in_ms")));
  return 0;
}

}  // namespace

void add_code_command(CommandTree& tree) {
  auto options = std::make_shared<CodeOptions>();
  CLI::App& command =
      tree.add({.name = "code",
                .summary = "print a one-time code",
                .details = "Prints the code of this moment, as an authenticator app would, and notes that it was seen. "
                           "With --wait-fresh it is a\n"
                           "code of a window that nobody has used or seen, kept free of jobs, with time left to type "
                           "it; waits for it, and says why.",
                .examples = {"totpilot code work", "totpilot code work --wait-fresh", "totpilot -q code work | xclip"}},
               [options](Invocation& invocation) { return run_code(invocation, *options); });
  command.add_option("ACCOUNT", options->account, "its name or id")->required();
  command.add_flag("--wait-fresh", options->fresh, "a code that the app cannot have seen; for scripts");
}

}  // namespace totpilot::cli

// A whole playbook in words.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agent/playbook/explain.h"
#include "agent/yaml/values.h"

namespace totpilot::playbook {
namespace {

std::string capitalized(std::string sentence) {
  if (!sentence.empty() && sentence[0] >= 'a' && sentence[0] <= 'z') sentence[0] = static_cast<char>(sentence[0] - 32);
  return sentence;
}

/// What else a step touches; too long for its name.
std::string beside(const Step& step) {
  std::string words;
  const auto add = [&words](const std::optional<Locator>& locator, std::string_view what) {
    if (locator) words += fmt::format("; {} {}", explain(*locator), what);
  };
  if (const auto* capture = std::get_if<CaptureSecret>(&step.action)) {
    add(capture->reveal, "is pressed where no secret is to be seen");
    add(capture->link, "holds it as a link");
    add(capture->copy, "copies it to the clipboard");
  } else if (const auto* save = std::get_if<SaveRecoveryCodes>(&step.action)) {
    add(save->saved, "is ticked once they are stored");
  }
  return words;
}

class Teller {
 public:
  std::string tell(const Playbook& playbook) {
    identity(playbook);
    states(playbook);
    facts(playbook);
    watchers(playbook);
    flow("To sign in", playbook.login.steps);
    if (playbook.enroll) flow("To turn MFA on", playbook.enroll->steps);
    if (playbook.disable) flow("To turn MFA off", playbook.disable->steps);
    if (playbook.recovery_codes) flow("To make new recovery codes", playbook.recovery_codes->steps);
    if (playbook.rotate_password) flow("To change the password", playbook.rotate_password->steps);
    return std::move(text_);
  }

 private:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    text_ += fmt::format(format, std::forward<Args>(args)...);
    text_ += '\n';
  }

  void identity(const Playbook& playbook) {
    line("{} (playbook \"{}\", {})", playbook.title, playbook.app, playbook.file);
    if (playbook.tested.empty()) line("It does not say which version of the app it was tested with.");
    for (const auto& [version, date] : playbook.tested) line("Tested with version {} on {}.", version, date);
    if (playbook.needs_origins.empty()) {
      line("Secrets go to the account's own origins only.");
    } else {
      line("Secrets may also go to {}, once the account's owner accepts that.",
           fmt::join(playbook.needs_origins, ", "));
    }
  }

  void states(const Playbook& playbook) {
    const MfaFacts& mfa = playbook.mfa;
    line("");
    line("Signed in: {}. Signed out: {}.", explain(playbook.session.in), explain(playbook.session.out));
    line("The MFA setting is at {}.", mfa.open);
    steps(mfa.reach, 1, "");
    line("MFA is off when {}.", explain(mfa.disabled));
    line("MFA is on when {}.", explain(mfa.enabled));
    if (mfa.other_method) line("Another method is on when {}.", explain(*mfa.other_method));
    if (mfa.not_offered) line("MFA is not offered when {}.", explain(*mfa.not_offered));
  }

  void facts(const Playbook& playbook) {
    const Facts& facts = playbook.facts;
    if (facts.sign_in_limit_count && facts.sign_in_limit_period)
      line("The app takes {} sign-ins per {} from one account; a sign-in with a code counts as {}.",
           *facts.sign_in_limit_count, yaml::to_text(*facts.sign_in_limit_period), facts.sign_in_calls);
    line("The app {} a code that it has seen{}.", facts.code_reuse == CodeReuse::kAccepted ? "accepts" : "refuses",
         facts.windows_back > 0 ? fmt::format(", and takes codes of up to {} past windows", facts.windows_back) : "");
    if (!playbook.enroll) return;
    constexpr std::array kActs = {"when the code is submitted", "when the recovery codes are confirmed",
                                  "when the secret is shown", "at the last step"};
    line("MFA turns on {}.", kActs[static_cast<std::size_t>(facts.turns_on_at)]);
    if (facts.pending_secret == PendingSecret::kRotatedOnOpen) line("Opening the page again makes a new secret.");
    if (facts.pending_secret == PendingSecret::kRotatedOnWrongCode) line("A wrong code makes a new secret.");
    if (facts.recovery_codes == RecoveryCodes::kNone) line("The app has no recovery codes.");
  }

  void watchers(const Playbook& playbook) {
    if (playbook.watchers.empty()) return;
    line("");
    line("At any time:");
    for (const Watcher& watcher : playbook.watchers) {
      line("  When {}:", explain(watcher.when));
      steps(watcher.steps, 2, "");
    }
  }

  void flow(std::string_view title, const Steps& list) {
    line("");
    line("{}:", title);
    steps(list, 1, "");
  }

  void steps(const Steps& list, std::size_t indent, const std::string& prefix) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      const Step& step = list[i];
      const std::string number = fmt::format("{}{}.", prefix, i + 1);
      std::string words = explain(step) + beside(step);
      if (step.only_if) words += fmt::format(", but only if {}", explain(*step.only_if));
      if (step.timeout) words += fmt::format(" (within {})", yaml::to_text(*step.timeout));
      line("{}{} {}.", std::string(indent * 2, ' '), number, capitalized(std::move(words)));
      if (const auto* choice = std::get_if<OneOf>(&step.action)) branches(*choice, indent + 1, number);
    }
  }

  void branches(const OneOf& choice, std::size_t indent, const std::string& prefix) {
    for (const Branch& branch : choice.branches) {
      const std::string head = fmt::format("{}If {}", std::string(indent * 2, ' '), explain(branch.when));
      if (branch.outcome) {
        line("{}: end with {}{}.", head, outcome_name(*branch.outcome),
             branch.message.empty() ? "" : fmt::format(" ({})", branch.message));
      } else if (branch.steps.empty()) {
        line("{}: go on.", head);
      } else {
        line("{}:", head);
        steps(branch.steps, indent + 1, prefix);
      }
    }
  }

  std::string text_;
};

}  // namespace

std::string explain(const Playbook& playbook) { return Teller().tell(playbook); }

}  // namespace totpilot::playbook

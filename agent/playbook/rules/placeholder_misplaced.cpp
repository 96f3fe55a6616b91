#include "agent/playbook/rules/rules.h"

#include <functional>

namespace totpilot::playbook::rules {
namespace {

bool looks_like_placeholder(std::string_view text) {
  for (const std::string_view form :
       {"{account.", "{device_name", "{password", "{username", "{totp", "{code", "{secret", "{{", "${"})
    if (text.find(form) != std::string_view::npos) return true;
  return false;
}

Findings placeholder_misplaced(const Subject& subject) {
  Findings result;
  const std::function<void(const yaml::Node&)> look = [&](const yaml::Node& node) {
    if (node.is_scalar() && looks_like_placeholder(node.text))
      result.push_back({node.at, "a placeholder has no meaning here", "only the value of fill may hold one"});
    if (node.is_sequence())
      for (const yaml::Node& item : node.items)
        if (item.is_scalar()) look(item);
  };
  each_entry(subject.root(), [&](const yaml::Entry& entry) {
    // The value of fill is the parser's: it knows the placeholders there are.
    if (entry.key != "value") look(entry.value);
  });
  return result;
}

}  // namespace

constinit const Rule kPlaceholderMisplaced = {
    .id = "placeholder-misplaced",
    .summary = "placeholders stand in the value of fill only",
    .why =
        "A condition or selector that depends on the account cannot be checked before it runs, and a secret is typed "
        "by actions of its own.",
    .bad = R"(session: { open: /home, in: { text: "Hello {account.username}" }, out: { url: "/login" } }
)",
    .good = R"(flows:
  login:
    - sign_in: {}
    - fill: { into: { label: Device name }, value: "{device_name}" }
)",
    .check = placeholder_misplaced,
    .needs = Completeness::kPart,
};

}  // namespace totpilot::playbook::rules

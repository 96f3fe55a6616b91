#include "agent/playbook/rules/rules.h"

namespace totpilot::playbook::rules {
namespace {

Findings url_pattern(const Subject& subject) {
  Findings result;
  each_entry(subject.root(), [&](const yaml::Entry& entry) {
    if (entry.key != "url" || !entry.value.is_scalar()) return;
    const std::string_view pattern = entry.value.text;
    const auto refuse = [&](std::string message, std::string suggestion = {}) {
      result.push_back({entry.value.at, std::move(message), std::move(suggestion)});
    };
    const bool absolute = pattern.starts_with("https://") || pattern.starts_with("http://");
    if (pattern.find('?') != pattern.npos || pattern.find('#') != pattern.npos)
      return refuse("this pattern cannot match: addresses are compared without query and fragment",
                    fmt::format("did you mean \"{}**\"?", pattern.substr(0, pattern.find_first_of("?#"))));
    if (!absolute && !pattern.starts_with('/'))
      return refuse("this pattern cannot match: it begins with / (below the base URL) or with https://",
                    fmt::format("did you mean \"/{}\"?", pattern));
    if (!absolute && pattern.starts_with("//"))
      return refuse("this pattern cannot match: an address has no empty segment at its begin");
    if (pattern.find(' ') != pattern.npos)
      return refuse("this pattern cannot match: an address holds no blank", "a blank is %20 in an address");
    if (pattern.find("***") != pattern.npos)
      return refuse("*** means nothing that ** does not mean", "* stays within a segment, ** crosses them");
    if (absolute && pattern.substr(pattern.find("://") + 3).find('/') == pattern.npos && !pattern.ends_with("*"))
      return refuse("this pattern cannot match: an address has at least a / behind its host",
                    fmt::format("did you mean \"{}/**\"?", pattern));
  });
  return result;
}

}  // namespace

constinit const Rule kUrlPattern = {
    .id = "url-pattern",
    .summary = "url patterns can match",
    .why =
        "Addresses are compared as paths below the account's base URL, without query and fragment. A pattern that "
        "never matches makes the engine wait in vain.",
    .bad = R"(session: { open: /home, in: { url: "/home?tab=1" }, out: { url: "/login" } }
)",
    .good = R"(session: { open: /home, in: { url: "/home/**" }, out: { url: "/login**" } }
)",
    .check = url_pattern,
    .needs = Completeness::kPart,
};

}  // namespace totpilot::playbook::rules

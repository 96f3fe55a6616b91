#include "agent/config/settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <type_traits>

#include "agent/yaml/values.h"

namespace totpilot::config {
namespace {

namespace fs = std::filesystem;
using yaml::Diagnostic;
using yaml::Node;
using Check = std::function<std::optional<std::string>(const std::string&)>;  // what is wrong with a text

std::string in_quotes(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

/// Where a member of Config or of one of its sections is.
template <class Access>
using Member = std::remove_reference_t<std::invoke_result_t<Access, Config&>>;

template <class Access, class Read, class Show>
Setting make(std::string_view key, Setting::Form form, std::string_view doc, Access access, Read read, Show show) {
  return {.key = key,
          .form = form,
          .doc = doc,
          .read = [access, read](Config& config, const Node& node) -> std::optional<Diagnostic> {
            auto value = read(node);
            if (!value) return std::move(value.error());
            access(config) = *std::move(value);
            return std::nullopt;
          },
          .show =
              [access, show](const Config& config) {
                // The accessor gives a reference into a Config; this one is only read.
                return show(access(const_cast<Config&>(config)));
              }};
}

template <class Access>
Setting text(std::string_view key, Access access, std::string_view doc, Check check = {}) {
  return make(
      key, Setting::Form::kText, doc, access,
      [check](const Node& node) -> yaml::Value<std::string> {
        auto value = yaml::text(node);
        if (value && check)
          if (auto wrong = check(*value)) return std::unexpected(yaml::problem(node, *std::move(wrong)));
        return value;
      },
      [](const std::string& value) { return in_quotes(value); });
}

yaml::Value<std::string> read_path(const Node& node) {
  auto value = yaml::text(node);
  if (!value) return value;
  if (value->empty()) return std::unexpected(yaml::problem(node, "this path is empty"));
  if (value->starts_with('~'))
    return std::unexpected(yaml::problem(node, "~ is not expanded here", "write the whole path"));
  return fs::absolute(*value).lexically_normal().string();
}

template <class Access>
Setting path(std::string_view key, Access access, std::string_view doc) {
  return make(key, Setting::Form::kText, doc, access, read_path,
              [](const auto& value) { return in_quotes(fs::path(value).string()); });
}

template <class Access>
Setting paths(std::string_view key, Access access, std::string_view doc) {
  return make(
      key, Setting::Form::kTexts, doc, access,
      [](const Node& node) -> yaml::Value<std::vector<std::string>> {
        std::vector<std::string> result;
        if (node.is_sequence() && node.items.empty()) return result;
        if (!node.is_sequence())
          return std::unexpected(yaml::problem(node, "this must be a list of paths", "as in [\"/srv/playbooks\"]"));
        for (const Node& item : node.items) {
          auto one = read_path(item);
          if (!one) return std::unexpected(std::move(one.error()));
          result.push_back(*std::move(one));
        }
        return result;
      },
      [](const std::vector<std::string>& values) {
        std::vector<std::string> each;
        each.reserve(values.size());
        for (const std::string& value : values) each.push_back(in_quotes(value));
        return fmt::format("[{}]", fmt::join(each, ", "));
      });
}

template <class Access>
Setting boolean(std::string_view key, Access access, std::string_view doc) {
  return make(key, Setting::Form::kBoolean, doc, access, yaml::boolean,
              [](bool value) { return std::string(value ? "true" : "false"); });
}

template <class Access>
Setting integer(std::string_view key, Access access, int min, int max, std::string_view doc) {
  return make(
      key, Setting::Form::kInteger, doc, access,
      [min, max](const Node& node) -> yaml::Value<int> {
        const auto value = yaml::integer(node, min, max);
        if (!value) return std::unexpected(value.error());
        return static_cast<int>(*value);
      },
      [](int value) { return std::to_string(value); });
}

template <class Access>
Setting duration(std::string_view key, Access access, Millis min, Millis max, std::string_view doc) {
  return make(
      key, Setting::Form::kDuration, doc, access,
      [min, max](const Node& node) { return yaml::duration(node, min, max); },
      [](Millis value) { return yaml::to_text(value); });
}

template <class Enum>
struct Word {
  std::string_view name;
  Enum value;
};

template <class Access, class Enum, std::size_t N>
Setting choice(std::string_view key, Access access, std::array<Word<Enum>, N> words, std::string_view doc) {
  return make(
      key, Setting::Form::kText, doc, access,
      [words](const Node& node) -> yaml::Value<Enum> {
        auto text = yaml::text(node);
        if (!text) return std::unexpected(std::move(text.error()));
        std::vector<std::string_view> names;
        for (const auto& word : words) {
          if (word.name == *text) return word.value;
          names.push_back(word.name);
        }
        return std::unexpected(yaml::problem(node,
                                             fmt::format("\"{}\" is not one of the words that may stand here", *text),
                                             yaml::suggest(*text, names)));
      },
      [words](Enum value) { return std::string(std::ranges::find(words, value, &Word<Enum>::value)->name); });
}

std::optional<std::string> wrong_proxy(const std::string& text) {
  if (text.empty() || text.starts_with("http://") || text.starts_with("https://") || text.starts_with("socks5://")) {
    // Chrome takes no credentials in a proxy address, and a setting is no place for a password.
    if (text.find('@') != std::string::npos) return "a proxy address holds no user name or password";
    return std::nullopt;
  }
  return "a proxy is http://host:port, https://host:port or socks5://host:port";
}

std::optional<std::string> wrong_language(const std::string& text) {
  const bool good = text.size() <= 35 && std::ranges::all_of(text, [](char c) {
                      return std::isalnum(static_cast<unsigned char>(c)) || c == '-';
                    });
  return good ? std::nullopt : std::optional<std::string>("a language is a tag such as de-DE");
}

std::optional<std::string> wrong_stream(const std::string& text) {
  if (text.empty() || text == "syslog" || text.starts_with('/')) return std::nullopt;
  return "this is syslog, or a whole path that begins with /";
}

std::vector<Setting> table() {
  using namespace std::chrono_literals;
  constexpr std::array kLevels = {Word{"debug", log::Level::kDebug}, Word{"info", log::Level::kInfo},
                                  Word{"warn", log::Level::kWarn}, Word{"error", log::Level::kError}};
  constexpr std::array kFormats = {Word{"text", log::Format::kText}, Word{"json", log::Format::kJson}};
  return {
      path(
          "state_directory", [](Config& c) -> auto& { return c.state_directory; },
          "Accounts, sealed secrets, jobs and reports. Mode 0700."),
      path(
          "key_directory", [](Config& c) -> auto& { return c.key_directory; },
          "The key file that opens the vault; must lie elsewhere than the state."),
      path(
          "escrow_directory", [](Config& c) -> auto& { return c.escrow_directory; },
          "A second, sealed copy of each new secret, against a lost or older database. Best on another disk. With "
          "another "
          "state_directory the default is that directory's name and \"-escrow\", beside it."),
      paths(
          "playbook_directories", [](Config& c) -> auto& { return c.playbook_directories; },
          "Looked into for playbooks before /etc/totpilot/playbooks and the installed ones."),
      text(
          "device_name", [](Config& c) -> auto& { return c.device_name; },
          "How this machine names itself to apps ({device_name} in playbooks). Empty: \"totpilot on\" and the host's "
          "name."),
      choice(
          "log.level", [](Config& c) -> auto& { return c.log.level; }, kLevels, "debug, info, warn or error."),
      choice(
          "log.format", [](Config& c) -> auto& { return c.log.format; }, kFormats, "text, or json: one object a line."),
      text(
          "log.file", [](Config& c) -> auto& { return c.log.file; }, "Empty: standard error."),
      text(
          "browser.binary", [](Config& c) -> auto& { return c.browser.binary; },
          "Chrome's executable, not a wrapper script. Empty: chromium-headless-shell, or chromium when headed."),
      text(
          "browser.helper", [](Config& c) -> auto& { return c.browser.helper; },
          "What starts and contains browsers: the program totpilot-browser, or the socket of its systemd unit. Empty: "
          "the "
          "program beside this one."),
      boolean(
          "browser.headed", [](Config& c) -> auto& { return c.browser.headed; }, "Show the browser's window."),
      text(
          "browser.proxy", [](Config& c) -> auto& { return c.browser.proxy; },
          "http://host:port, https://host:port or socks5://host:port. Empty: none.", wrong_proxy),
      text(
          "browser.language", [](Config& c) -> auto& { return c.browser.language; },
          "A tag such as de-DE. Empty: the browser's own.", wrong_language),
      duration(
          "browser.hang_after", [](Config& c) -> auto& { return c.browser.hang_after; }, 1s, 5min,
          "A browser that has not answered for so long is taken for dead and killed."),
      duration(
          "browser.idle", [](Config& c) -> auto& { return c.browser.idle; }, 0s, 24h,
          "A warm browser that nobody needs ends after this."),
      integer(
          "browser.most_per_core", [](Config& c) -> auto& { return c.browser.most_per_core; }, 1, 16,
          "How many browsers run at once, per core."),
      duration(
          "timeouts.step", [](Config& c) -> auto& { return c.timeouts.step; }, 1s, 10min,
          "One step of a playbook, where it sets none itself."),
      duration(
          "timeouts.flow", [](Config& c) -> auto& { return c.timeouts.flow; }, 10s, 2h,
          "A whole flow, waits for fresh codes included."),
      duration(
          "timeouts.lock", [](Config& c) -> auto& { return c.timeouts.lock; }, 0s, 10min,
          "For another command to let go of the state directory."),
      integer(
          "jobs.at_once", [](Config& c) -> auto& { return c.jobs.at_once; }, 1, 64,
          "How many jobs the daemon runs at once. A job that waits for a person lends its place to another."),
      integer(
          "jobs.per_app", [](Config& c) -> auto& { return c.jobs.per_app; }, 1, 64,
          "How many of them at one app. Accounts of one app at different addresses count apart."),
      duration(
          "jobs.app_gap", [](Config& c) -> auto& { return c.jobs.app_gap; }, 0s, 1h,
          "The least time between two starts at one app. A playbook's sign_in_limit holds for each account besides."),
      integer(
          "jobs.attempts", [](Config& c) -> auto& { return c.jobs.attempts; }, 1, 20,
          "How often a job is tried whose failure may pass by itself. One that may have changed MFA never is."),
      duration(
          "jobs.retry_after", [](Config& c) -> auto& { return c.jobs.retry_after; }, 1s, 24h,
          "The wait before the second attempt; it doubles with each, and is longer where the app asked for it."),
      integer(
          "jobs.breaker_after", [](Config& c) -> auto& { return c.jobs.breaker_after; }, 0, 100,
          "After so many jobs of an app in a row that ended as page_changed, locked_out, rate_limited or captcha its "
          "jobs wait, and then a single one tries. 0: never."),
      duration(
          "jobs.breaker_wait", [](Config& c) -> auto& { return c.jobs.breaker_wait; }, 1s, 24h,
          "How long they wait; it doubles with each trial that fails."),
      duration(
          "jobs.drain", [](Config& c) -> auto& { return c.jobs.drain; }, 0s, 1h,
          "How long a stop of the daemon waits for running jobs. Then they go back into the queue, but for those that "
          "may not be cut off."),
      duration(
          "jobs.input_wait", [](Config& c) -> auto& { return c.jobs.input_wait; }, 10s, 24h,
          "How long a job waits for a value that only a person has. Its browser stays open for as long."),
      integer(
          "jobs.keep_days", [](Config& c) -> auto& { return c.jobs.keep_days; }, 0, 3650,
          "Jobs that ended longer ago are deleted, and their idempotency keys with them; 0 keeps them. The last that "
          "may "
          "have changed an account's MFA stays."),
      integer(
          "report.keep_days", [](Config& c) -> auto& { return c.report_keep_days; }, 0, 3650,
          "Reports older than this are deleted, and the events of jobs that ended before; 0 keeps them. The daemon "
          "looks "
          "once a day."),
      duration(
          "time.max_skew", [](Config& c) -> auto& { return c.time_max_skew; }, 0s, 10min,
          "The largest difference between the app's clock and ours that is corrected; beyond it no code is made."),
      text(
          "audit.stream", [](Config& c) -> auto& { return c.audit_stream; },
          "Where every audit record is also written, one JSON object a line: a file's whole path, or syslog. Best on "
          "another machine or disk. Empty: nowhere else.",
          wrong_stream),
      boolean(
          "people.two_for_export", [](Config& c) -> auto& { return c.people.two_for_export; },
          "A factor's secret is exported only after a second person, an owner or super admin, has granted it."),
      text(
          "api.listen", [](Config& c) -> auto& { return c.api.listen; },
          "Where totpilot serve listens beside its socket in the state directory: 127.0.0.1:8443. Empty: nowhere."),
      text(
          "api.host", [](Config& c) -> auto& { return c.api.host; },
          "The name by which others call this machine; requests that call it by another are refused."),
      text(
          "api.tls_cert", [](Config& c) -> auto& { return c.api.tls_certificate; },
          "A PEM file with the certificate and its chain; needed where the address is not loopback. Read again when it "
          "changes."),
      text(
          "api.tls_key", [](Config& c) -> auto& { return c.api.tls_key; }, "The certificate's key, a PEM file."),
      duration(
          "api.idle", [](Config& c) -> auto& { return c.api.idle; }, 10ms, 1min,
          "How long a connection may wait before its next request."),
      duration(
          "api.head", [](Config& c) -> auto& { return c.api.head; }, 10ms, 1min,
          "How long a request's headers may take."),
      duration(
          "api.body", [](Config& c) -> auto& { return c.api.body; }, 10ms, 1min, "How long a request's body may take."),
      integer(
          "api.connections", [](Config& c) -> auto& { return c.api.connections; }, 1, 100000,
          "Open connections; beyond them the one that has waited longest gives way."),
      integer(
          "api.connections_per_peer", [](Config& c) -> auto& { return c.api.connections_per_peer; }, 1, 100000,
          "The same for those of one address, or of one user on the socket."),
  };
}

std::string variable_or(const Sources& sources, const std::string& name, const std::string& fallback) {
  const auto value = sources.environment ? sources.environment(name) : std::nullopt;
  // XDG Base Directory Specification: a path that is not absolute is ignored.
  return value && value->starts_with('/') ? *value : fallback;
}

}  // namespace

std::string Setting::variable() const {
  std::string name = "TOTPILOT_";
  for (const char c : key) name += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

std::span<const Setting> settings() {
  static const std::vector<Setting> all = table();
  return all;
}

const Setting* find_setting(std::string_view key) {
  const auto found = std::ranges::find(settings(), key, &Setting::key);
  return found == settings().end() ? nullptr : &*found;
}

std::span<const Section> sections() {
  static constexpr std::array kAll = {
      Section{"log", "What is logged, and where. Every line passes the redactor."},
      Section{"browser", "The browser that does the work."},
      Section{"timeouts", "How long things may take. A duration is 500ms, 30s, 1m, 2h or 30d."},
      Section{"jobs", "The daemon's queue, and how it keeps apps from locking accounts."},
      Section{"report", "Each job's report: steps, and what was on the page when one failed."},
      Section{"time", "The clocks of this machine and of the apps."},
      Section{"audit", "The log of who did what, which shows when it was tampered with."},
      Section{"people", "Members of the workspace, and what they need each other for."},
      Section{"api", "The daemon's HTTP interface (totpilot serve)."},
  };
  return kAll;
}

Node node_of(const Setting& setting, std::string_view text, SourcePosition at) {
  Node node;
  node.kind = Node::Kind::kScalar;
  node.at = at;
  node.text = text;
  const bool is_text = setting.form == Setting::Form::kText || setting.form == Setting::Form::kTexts;
  node.style = is_text ? Node::Style::kQuoted : Node::Style::kPlain;
  if (setting.form != Setting::Form::kTexts) return node;
  Node list;
  list.kind = Node::Kind::kSequence;
  list.at = std::move(at);
  while (!text.empty()) {
    const std::size_t end = text.find(':');
    Node item = node;
    item.text = text.substr(0, end);
    if (!item.text.empty()) list.items.push_back(std::move(item));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return list;
}

Config default_config(const Sources& sources) {
  Config config;
  if (sources.root) {
    config.state_directory = "/var/lib/totpilot";
    config.key_directory = "/etc/totpilot/keys";
    config.escrow_directory = "/var/lib/totpilot-escrow";
    return config;
  }
  const std::string home = variable_or(sources, "HOME", "");
  const auto below = [&](const char* variable, const char* usual) {
    return fs::path(variable_or(sources, variable, home + usual));
  };
  if (home.empty() && variable_or(sources, "XDG_STATE_HOME", "").empty()) return config;  // asked for in load()
  config.state_directory = below("XDG_STATE_HOME", "/.local/state") / "totpilot";
  config.key_directory = below("XDG_CONFIG_HOME", "/.config") / "totpilot" / "keys";
  config.escrow_directory = below("XDG_DATA_HOME", "/.local/share") / "totpilot" / "escrow";
  return config;
}

}  // namespace totpilot::config

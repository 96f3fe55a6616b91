#pragma once
// Config: every setting, typed, with where its value came from: flags over TOTPILOT_* over the file over defaults.
// Read once at the start of main, then passed by const reference.
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/log.h"
#include "agent/yaml/diagnostic.h"

namespace totpilot::config {

using Millis = std::chrono::milliseconds;

struct BrowserConfig {
  std::string binary;  // empty: chromium-headless-shell, or chromium when headed
  std::string helper;  // a program or the socket of its unit; empty: beside this program
  bool headed = false;
  std::string proxy;         // "http://host:port"; empty: none
  std::string language;      // "de-DE"; empty: the browser's
  Millis hang_after{15000};  // a browser that has not answered for so long is killed
  Millis idle{60000};        // a warm browser nobody needs ends after this
  int most_per_core = 2;
};

struct LogConfig {
  log::Level level = log::Level::kWarn;
  log::Format format = log::Format::kText;
  std::string file;  // empty: standard error
};

struct TimeoutConfig {
  Millis step{15000};
  Millis flow{300000};
  Millis lock{10000};  // for another command to let go of the state directory
};

struct JobConfig {
  int at_once = 2;
  int per_app = 2;
  Millis app_gap{0};          // between two starts at one app
  int attempts = 3;           // of a job whose failure may pass by itself
  Millis retry_after{30000};  // doubled with each attempt
  int breaker_after = 3;      // failures in a row after which an app is left alone
  Millis breaker_wait{600000};
  Millis drain{30000};        // how long a stop waits for running jobs
  Millis input_wait{900000};  // for a person's answer
  int keep_days = 90;         // of those that ended
};

struct PeopleConfig {
  bool two_for_export = false;  // a secret leaves only when a second person agrees
};

/// Of `totpilot serve`.
struct ApiConfig {
  std::string listen;           // "127.0.0.1:8443"; empty: the unix socket alone
  std::string host;             // the name by which others call this machine
  std::string tls_certificate;  // files in PEM
  std::string tls_key;
  Millis idle{10000};
  Millis head{8000};
  Millis body{12000};
  int connections = 1024;
  int connections_per_peer = 512;
};

struct Config {
  std::filesystem::path state_directory;
  std::filesystem::path key_directory;
  std::filesystem::path escrow_directory;
  std::vector<std::string> playbook_directories;  // before the built-in ones
  std::string device_name;  // how this machine names itself to apps; empty: "totpilot on <host name>"
  LogConfig log;
  BrowserConfig browser;
  TimeoutConfig timeouts;
  JobConfig jobs;
  int report_keep_days = 30;
  std::string audit_stream;  // "syslog", a file's path, or empty: none beside the checkpoints
  PeopleConfig people;
  ApiConfig api;
  Millis time_max_skew{90000};  // of the app's clock against ours; beyond it no code is made
};

/// One setting as `config show --origin` prints it.
struct Shown {
  std::string key;     // "browser.headed"
  std::string value;   // as it would stand in the file
  std::string origin;  // "default", "/etc/totpilot/totpilot.yaml:12:3", "TOTPILOT_BROWSER_HEADED", "--headed"
  std::string doc;
};

/// A value that a command line flag gives to a key; `flag` names it in messages and origins.
struct Override {
  std::string key;
  std::string value;
  std::string flag;  // "--headed"
};

struct Sources {
  std::optional<std::filesystem::path>
      file;  // --config; must exist. Else TOTPILOT_CONFIG, else the first default_files() there is
  std::function<std::optional<std::string>(const std::string& name)> environment;  // one variable
  std::vector<std::string> environment_names;  // all names, to find misspelt TOTPILOT_ ones
  std::vector<Override> overrides;
  bool root = false;  // decides the default directories
};

/// What this process has: its environment and uid.
Sources process_sources();

struct Loaded {
  Config config;
  std::vector<Shown> shown;  // every key, in the order of the file
  std::optional<std::filesystem::path> file;
  std::vector<std::string> warnings;  // TOTPILOT_ variables that mean nothing
};

/// Throws invalid_input with all that is wrong, rendered with file, line and caret.
Loaded load(const Sources& sources);

/// $XDG_CONFIG_HOME/totpilot/totpilot.yaml (not as root), then /etc/totpilot/totpilot.yaml.
std::vector<std::filesystem::path> default_files(const Sources& sources);

/// config/totpilot.yaml: every key with its meaning and default, commented out. A test holds the file to this text.
std::string example_file();

}  // namespace totpilot::config

#pragma once
// Home: one user's totpilot in a test: state, keys and temporary files below a directory of its own, the test clock,
// the password file, and the real binary run against them.
#include <chrono>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/e2e/harness/process.h"

namespace totpilot::e2e {

/// One command's end, with the document that it printed.
struct Reply : Ended {
  nlohmann::json json;  // null when standard output holds no document
  /// The outcome's name; empty without a document.
  std::string outcome() const;
  /// All that is worth reading when an expectation fails.
  std::string told() const;
};

class Home {
 public:
  Home();
  ~Home();
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path state() const { return root_ / "state"; }
  std::string clock_file() const { return (root_ / "clock").string(); }
  /// Writes a file of mode 0600 below the root and returns its path.
  std::string write_file(const std::string& name, const std::string& text) const;

  /// Takes the place of the accounts' own playbook in every later command.
  void use_playbook(std::string file) { playbook_ = std::move(file); }
  void set_environment(const std::string& name, const std::string& value) { environment_[name] = value; }
  void unset_environment(const std::string& name) { environment_.erase(name); }

  Command command(std::vector<std::string> arguments, std::string input = {}) const;
  /// Runs `totpilot ARGUMENTS --json` to its end.
  Reply run(std::vector<std::string> arguments, std::string input = {}) const;
  static Reply finish(Process& process, std::chrono::milliseconds patience = std::chrono::seconds(90));

  /// vault init, and an account of the practice site at `url`.
  void settle(const std::string& account, const std::string& url, const std::string& user, const std::string& password);

 private:
  std::filesystem::path root_;
  std::string playbook_;
  std::map<std::string, std::string> environment_;
};

/// playbooks/apps/practice.yaml.
std::string practice_playbook();
/// tests/practice/playbooks/NAME.yaml.
std::string practice_playbook(const std::string& name);

}  // namespace totpilot::e2e

#pragma once
// SecretSource: the ways a password or passphrase may reach us: a prompt, a file, a command's output, standard input.
// Never an argument: those are seen by every user of the machine.
#include <string>

#include "agent/base/secret.h"

namespace CLI {
class App;
}

namespace totpilot::cli {

/// The longest secret that is read, in bytes.
constexpr std::size_t kLongestSecret = 16384;

class SecretSource {
 public:
  /// `word` names the options: "password" gives --password-file, --password-command and --password-stdin.
  explicit SecretSource(std::string word) : word_(std::move(word)) {}

  /// Adds the three options to a command (or to the program itself).
  void add_options(CLI::App& command);

  bool given() const { return !file_.empty() || !command_.empty() || stdin_; }
  bool from_stdin() const { return stdin_; }
  const std::string& file() const { return file_; }
  const std::string& command() const { return command_; }

  /// The secret from where the options say; a trailing line end is not part of it. An empty one is invalid_input.
  /// Throws needs_input when no option was given.
  Secret read() const;
  /// Like read(), but asks on the terminal when no option was given; needs_input where there is none.
  Secret read_or_ask(const std::string& question) const;
  /// For a new secret: asks twice.
  Secret read_or_ask_new(const std::string& question) const;

  /// "give it by --password-file, --password-command or --password-stdin".
  std::string hint() const;

 private:
  std::string word_;
  std::string file_;
  std::string command_;
  bool stdin_ = false;
};

/// All of standard input up to kLongestSecret bytes, as it is. The second caller gets `usage`: it can be read only
/// once.
Secret read_standard_input(std::size_t limit = kLongestSecret);

/// What `command` (given to /bin/sh -c) writes to standard output; its standard error is the user's. A non-zero exit or
/// more than a minute: invalid_input.
Secret output_of(const std::string& command);

}  // namespace totpilot::cli

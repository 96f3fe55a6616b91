#pragma once
// OutputFile: a file that the user names for what a command gives. Looked at before any work begins, so that no sign-in
// is spent on a session that cannot be written; what is there already is replaced only with --force.
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace totpilot::cli {

class OutputFile {
 public:
  /// Adds `option` ("--output") and --force.
  void add_options(CLI::App& command, const std::string& option, const std::string& help);

  /// A file, and not standard output ("-").
  bool given() const { return !path_.empty() && path_ != "-"; }
  bool standard_output() const { return path_ == "-"; }
  const std::string& path() const { return path_; }

  /// Throws already_exists without --force, invalid_input for a place where no file can be made. A device or a pipe is
  /// written to. Changes nothing.
  void require_writable() const;
  /// require_writable() once more, then the whole file or none. storage_failed.
  void write(std::string_view content) const;

 private:
  std::string path_;
  bool force_ = false;
};

/// The same look for a file that never replaces one.
void require_new_file(const std::string& path);

}  // namespace totpilot::cli

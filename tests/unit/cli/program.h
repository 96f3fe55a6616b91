#pragma once
// The real binary as a child, in a private home, with what it says and how it ends.
#include <gtest/gtest.h>
#include <sys/types.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace totpilot::cli {

struct Said {
  int status = -1;  // -1: a signal ended it
  std::string out;
  std::string err;

  nlohmann::json json() const { return nlohmann::json::parse(out, nullptr, false); }
  std::string all() const { return "status " + std::to_string(status) + "\nout: " + out + "\nerr: " + err; }
};

class Program : public testing::Test {
 protected:
  Program();
  ~Program() override;

  /// Without a terminal; standard input is `input`, then its end.
  Said run(const std::vector<std::string>& arguments, const std::string& input = {});
  /// The same with standard output to this file.
  Said run_into(const std::string& file, const std::vector<std::string>& arguments);
  /// On a terminal of its own: writes each answer when the text before it was shown. `out` is all that the terminal
  /// showed.
  struct Dialogue {
    std::string shown;
    std::string answer;
  };
  Said run_on_terminal(const std::vector<std::string>& arguments, const std::vector<Dialogue>& dialogue);

  /// Starts `totpilot serve` on the state; returns when it answers.
  void serve();
  /// Tells it to end; its exit status.
  int end_serving();

  Said init() { return run({"vault", "init"}); }
  Said add(const std::string& name = "work") {
    return run({"account", "add", name, "--url", "https://app.example", "--username", "alice", "--no-password"});
  }
  std::string write(const std::string& name, const std::string& content) const;
  std::string read(const std::string& name) const;

  std::filesystem::path root_;
  std::map<std::string, std::string> environment_;

 private:
  std::vector<std::string> variables() const;
  Said run_with(int out, const std::vector<std::string>& arguments, const std::string& input);

  pid_t daemon_ = -1;
};

}  // namespace totpilot::cli

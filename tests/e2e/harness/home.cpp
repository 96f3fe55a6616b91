#include "tests/e2e/harness/home.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace totpilot::e2e {

std::string Reply::outcome() const { return json.is_object() ? json.value("outcome", "") : std::string(); }

std::string Reply::told() const {
  return fmt::format("exit code {}, signal {}{}\n{}\n{}\nleft over: [{}]\n", exit_code, signal,
                     timed_out ? ", timed out" : "", out, err, fmt::join(left_over, ", "));
}

Home::Home() {
  std::string name = (std::filesystem::temp_directory_path() / "totpilot-e2e-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
  root_ = name;
  // The browser runs as another user and passes through here to its sockets; what must be closed to it is closed by the
  // program itself.
  chmod(name.c_str(), 0711);
  std::filesystem::create_directory(root_ / "tmp");
  std::ofstream(clock_file(), std::ios::binary).write("\0\0\0\0\0\0\0", 8);
  playbook_ = practice_playbook();
  environment_ = {{"HOME", root_.string()},
                  {"PATH", "/usr/local/bin:/usr/bin:/bin"},
                  {"LANG", "C.UTF-8"},
                  {"TMPDIR", (root_ / "tmp").string()},
                  {"TOTPILOT_STATE_DIRECTORY", state().string()},
                  {"TOTPILOT_KEY_DIRECTORY", (root_ / "keys").string()},
                  {"TOTPILOT_ESCROW_DIRECTORY", (root_ / "escrow").string()},
                  {"TOTPILOT_LOG_LEVEL", "debug"},
                  {"TOTPILOT_TEST_CLOCK", clock_file()}};
}

Home::~Home() {
  std::error_code ignored;
  std::filesystem::remove_all(root_, ignored);
}

std::string Home::write_file(const std::string& name, const std::string& text) const {
  const std::filesystem::path path = root_ / name;
  std::ofstream(path, std::ios::binary) << text;
  chmod(path.c_str(), 0600);
  return path.string();
}

Command Home::command(std::vector<std::string> arguments, std::string input) const {
  std::vector<std::string> all{TOTPILOT_BIN_DIR "/totpilot", "--json"};
  if (!playbook_.empty()) {
    all.emplace_back("--playbook");
    all.push_back(playbook_);
  }
  std::ranges::move(arguments, std::back_inserter(all));
  return {.arguments = std::move(all), .environment = environment_, .input = std::move(input)};
}

Reply Home::run(std::vector<std::string> arguments, std::string input) const {
  Process process(command(std::move(arguments), std::move(input)));
  return finish(process);
}

Reply Home::finish(Process& process, std::chrono::milliseconds patience) {
  Reply run{process.finish(patience), nullptr};
  run.json = nlohmann::json::parse(run.out, nullptr, /*allow_exceptions=*/false);
  if (run.json.is_discarded()) run.json = nullptr;
  return run;
}

void Home::settle(const std::string& account, const std::string& url, const std::string& user,
                  const std::string& password) {
  // Every home of a process begins as a copy of one that was made once: a fresh vault costs most of a second.
  static const Home& first = [&]() -> const Home& {
    static Home made;
    const Reply reply = made.run({"vault", "init"});
    if (reply.exit_code != 0) throw std::runtime_error("cannot make a vault: " + reply.told());
    return made;
  }();
  for (const char* directory : {"state", "keys", "escrow"}) {
    if (std::filesystem::exists(first.root() / directory)) {
      std::filesystem::copy(first.root() / directory, root_ / directory, std::filesystem::copy_options::recursive);
    }
  }
  const std::string file = write_file("password", password);
  const Reply added =
      run({"account", "add", account, "--app", "practice", "--url", url, "--username", user, "--password-file", file});
  if (added.exit_code != 0) throw std::runtime_error("cannot add the account: " + added.told());
  std::filesystem::remove(file);  // so that a search for the password finds only what the program leaves
}

std::string practice_playbook() { return TOTPILOT_SOURCE_DIR "/playbooks/apps/practice.yaml"; }

std::string practice_playbook(const std::string& name) {
  return fmt::format("{}/tests/practice/playbooks/{}.yaml", TOTPILOT_SOURCE_DIR, name);
}

}  // namespace totpilot::e2e

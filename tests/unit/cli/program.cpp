#include "tests/unit/cli/program.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <utility>

#include "agent/base/unique_fd.h"

namespace totpilot::cli {
namespace {

constexpr int kPatience = 60'000;  // milliseconds; only a hang takes so long

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> list;
  for (std::string& word : words) list.push_back(word.data());
  list.push_back(nullptr);
  return list;
}

/// In the child: nothing but exec.
[[noreturn]] void become(std::vector<std::string>& arguments, std::vector<std::string>& environment) {
  const auto argv = pointers(arguments);
  const auto envp = pointers(environment);
  ::execve(argv[0], argv.data(), envp.data());
  ::_exit(127);
}

int status_of(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// False at the end of the stream, or after kPatience.
bool read_more(int fd, std::string& into) {
  pollfd wanted{fd, POLLIN, 0};
  if (::poll(&wanted, 1, kPatience) <= 0) return false;
  std::array<char, 4096> block{};
  const ssize_t got = ::read(fd, block.data(), block.size());
  if (got <= 0) return false;
  into.append(block.data(), static_cast<std::size_t>(got));
  return true;
}

std::string content_of(int fd) {
  std::string text;
  ::lseek(fd, 0, SEEK_SET);
  while (read_more(fd, text)) {
  }
  return text;
}

UniqueFd temporary() { return UniqueFd(::open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)); }

}  // namespace

Program::Program() {
  std::string name = (std::filesystem::temp_directory_path() / "totpilot-cli-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) std::abort();
  root_ = name;
  environment_ = {{"HOME", name},
                  {"PATH", "/usr/bin:/bin"},
                  {"TERM", "xterm"},
                  {"LANG", "C.UTF-8"},
                  {"TOTPILOT_STATE_DIRECTORY", name + "/state"},
                  {"TOTPILOT_KEY_DIRECTORY", name + "/keys"},
                  {"TOTPILOT_ESCROW_DIRECTORY", name + "/escrow"}};
}

Program::~Program() {
  if (daemon_ > 0) end_serving();
  std::error_code ignored;
  std::filesystem::remove_all(root_, ignored);
}

std::string Program::write(const std::string& name, const std::string& content) const {
  const auto path = root_ / name;
  std::ofstream(path, std::ios::binary) << content;
  std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  return path.string();
}

std::string Program::read(const std::string& name) const {
  std::ifstream in(root_ / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> Program::variables() const {
  std::vector<std::string> list;
  for (const auto& [key, value] : environment_) list.push_back(key + "=" + value);
  return list;
}

void Program::serve() {
  std::vector<std::string> words{TOTPILOT_BIN_DIR "/totpilot", "serve", "--json"};
  auto environment = variables();
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const UniqueFd ours(ends[0]);
  UniqueFd its(ends[1]);
  daemon_ = ::fork();
  if (daemon_ == 0) {
    ::dup2(its.get(), 1);
    become(words, environment);
  }
  its = UniqueFd();
  std::string place;  // where it listens: said once it does
  while (!place.ends_with("}\n") && read_more(ours.get(), place)) {
  }
  ASSERT_TRUE(nlohmann::json::accept(place)) << place;
}

int Program::end_serving() {
  ::kill(daemon_, SIGTERM);
  return status_of(std::exchange(daemon_, -1));
}

Said Program::run(const std::vector<std::string>& arguments, const std::string& input) {
  const UniqueFd out = temporary();
  Said said = run_with(out.get(), arguments, input);
  said.out = content_of(out.get());
  return said;
}

Said Program::run_into(const std::string& file, const std::vector<std::string>& arguments) {
  const UniqueFd out(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  EXPECT_TRUE(out) << file;
  return run_with(out.get(), arguments, {});
}

Said Program::run_with(int out, const std::vector<std::string>& arguments, const std::string& input) {
  std::vector<std::string> words{TOTPILOT_BIN_DIR "/totpilot"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  auto environment = variables();
  const UniqueFd in = temporary();
  const UniqueFd err = temporary();
  EXPECT_EQ(::write(in.get(), input.data(), input.size()), static_cast<ssize_t>(input.size()));
  ::lseek(in.get(), 0, SEEK_SET);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::setsid();  // no terminal to ask on
    ::dup2(in.get(), 0);
    ::dup2(out, 1);
    ::dup2(err.get(), 2);
    become(words, environment);
  }
  Said said;
  said.status = status_of(pid);
  said.err = content_of(err.get());
  return said;
}

Said Program::run_on_terminal(const std::vector<std::string>& arguments, const std::vector<Dialogue>& dialogue) {
  std::vector<std::string> words{TOTPILOT_BIN_DIR "/totpilot"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  auto environment = variables();
  int terminal = -1;
  const pid_t pid = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  if (pid == 0) become(words, environment);
  const UniqueFd owner(terminal);
  Said said;
  std::size_t from = 0;
  for (const Dialogue& turn : dialogue) {
    std::size_t at = std::string::npos;
    while ((at = said.out.find(turn.shown, from)) == std::string::npos)
      if (!read_more(terminal, said.out)) break;
    if (at == std::string::npos) {
      ADD_FAILURE() << "never shown: " << turn.shown << "\n" << said.out;
      break;
    }
    from = at + turn.shown.size();
    EXPECT_GT(::write(terminal, turn.answer.data(), turn.answer.size()), 0);
  }
  while (read_more(terminal, said.out)) {
  }
  said.status = status_of(pid);
  return said;
}

}  // namespace totpilot::cli

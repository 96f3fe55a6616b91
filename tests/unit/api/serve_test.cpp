// The daemon as people use it: the real binary on a private state, spoken to by curl.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>

#include "agent/base/unique_fd.h"
#include "tests/unit/cli/program.h"

namespace totpilot::cli {
namespace {

constexpr const char* kKey = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/// Standard output of a shell's command.
std::string output_of(const std::string& command) {
  std::string text;
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return text;
  std::array<char, 4096> block{};
  while (const std::size_t count = std::fread(block.data(), 1, block.size(), pipe)) text.append(block.data(), count);
  ::pclose(pipe);
  return text;
}

struct Answer {
  int status = 0;
  std::string head;
  std::string body;
  nlohmann::json json() const { return nlohmann::json::parse(body, nullptr, false); }
};

class Serve : public Program {
 protected:
  Serve() { EXPECT_EQ(init().status, 0); }
  ~Serve() override {
    if (pid_ > 0) stop();
  }

  /// Returns when it answers.
  void start(std::vector<std::string> options = {}) {
    std::vector<std::string> words{TOTPILOT_BIN_DIR "/totpilot", "serve", "--json"};
    words.insert(words.end(), options.begin(), options.end());
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    const UniqueFd read(ends[0]);
    UniqueFd write(ends[1]);
    std::vector<std::string> variables;
    for (const auto& [key, value] : environment_) variables.push_back(key + "=" + value);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(write.get(), 1);
      become(words, variables);
    }
    write = UniqueFd();
    place_ = nlohmann::json::parse(first_document(read.get()), nullptr, false);
    ASSERT_TRUE(place_.is_object());
  }
  /// Its exit status.
  int stop() {
    ::kill(pid_, SIGTERM);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  Answer curl(const std::string& arguments, const std::string& where) const {
    Answer answer;
    std::string text = output_of("curl -s -i --max-time 60 " + arguments + " '" + where + "'");
    const auto end = text.find("\r\n\r\n");
    answer.head = text.substr(0, end);
    if (end != text.npos) answer.body = text.substr(end + 4);
    if (answer.head.size() > 12) answer.status = std::atoi(answer.head.c_str() + 9);
    return answer;
  }
  /// On the socket, as the owner.
  Answer ask(const std::string& verb, const std::string& path, const nlohmann::json& body = nullptr,
             const std::string& more = "") const {
    std::string arguments = "-X " + verb + " --unix-socket " + place_["socket"].get<std::string>() + " " + more;
    if (!body.is_null()) arguments += " -H 'Content-Type: application/json' -d '" + body.dump() + "'";
    return curl(arguments, "http://localhost" + path);
  }
  /// On TCP, with a token.
  Answer ask_with(const std::string& token, const std::string& verb, const std::string& path,
                  const std::string& more = "") const {
    return curl("-X " + verb + " -H 'Authorization: Bearer " + token + "' " + more,
                place_["address"].get<std::string>() + path);
  }
  std::string token(const std::vector<std::string>& scopes) const {
    return ask("POST", "/v1/tokens", {{"name", "ci"}, {"scopes", scopes}}).json()["key"];
  }
  void add_account() const {
    const Answer added =
        ask("POST", "/v1/accounts", {{"name", "work"}, {"username", "alice"}, {"url", "https://app.example/"}});
    ASSERT_EQ(added.status, 200) << added.head << added.body;
  }
  void add_factor() const {
    const Answer added = ask("POST", "/v1/accounts/work/factors", {{"material", kKey}, {"confirmed", true}});
    ASSERT_EQ(added.status, 200) << added.head << added.body;
  }

  nlohmann::json place_;
  pid_t pid_ = -1;

 private:
  [[noreturn]] static void become(std::vector<std::string>& words, std::vector<std::string>& variables) {
    std::vector<char*> argv;
    std::vector<char*> envp;
    for (auto& word : words) argv.push_back(word.data());
    for (auto& one : variables) envp.push_back(one.data());
    argv.push_back(nullptr);
    envp.push_back(nullptr);
    ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  static std::string first_document(int fd) {
    std::string text;
    char one = 0;
    while (!text.ends_with("}\n") && ::read(fd, &one, 1) == 1) text += one;
    return text;
  }
};

TEST_F(Serve, KeepsAccountsAndEndsCleanlyWhenItIsTold) {
  start();
  add_account();
  const Answer list = ask("GET", "/v1/accounts?limit=10");
  EXPECT_EQ(list.status, 200);
  EXPECT_EQ(list.json()["accounts"][0]["name"], "work");
  EXPECT_TRUE(list.head.contains("X-Request-Id: req_"));
  EXPECT_EQ(stop(), 0);
  EXPECT_FALSE(std::filesystem::exists(place_["socket"].get<std::string>()));
}

TEST_F(Serve, GivesTheCodeThatOathtoolGivesAndLetsNobodyKeepIt) {
  start();
  add_account();
  add_factor();
  const Answer answer = ask("GET", "/v1/accounts/work/totp");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_TRUE(answer.head.contains("Cache-Control: no-store"));
  const std::string next = answer.json()["next"];
  const std::string now = next.substr(0, 10) + " " + next.substr(11, 8) + " UTC 1 second ago";
  const std::string expected = output_of("oathtool --totp -b -N '" + now + "' " + kKey).substr(0, 6);
  EXPECT_EQ(answer.json()["code"], expected);
}

TEST_F(Serve, ACodeThatWasClaimedIsGivenToNobodyElseAsFree) {
  start();
  add_account();
  add_factor();
  const Answer claimed = ask("POST", "/v1/accounts/work/totp/claim");
  ASSERT_EQ(claimed.status, 200) << claimed.body;
  const auto shown = ask("GET", "/v1/accounts/work/totp").json();
  EXPECT_TRUE(shown["code"] != claimed.json()["code"] || shown["standing"] == "handed_out") << shown.dump();
}

TEST_F(Serve, WithoutATokenOrWithAWrongOneNobodyComesInOverTcp) {
  start({"--listen", "127.0.0.1:0"});
  EXPECT_EQ(curl("", place_["address"].get<std::string>() + "/v1/accounts").status, 401);
  const Answer wrong = ask_with("tpt_wrong", "GET", "/v1/accounts");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.json()["outcome"], "sign_in_required");
  EXPECT_TRUE(wrong.head.contains("WWW-Authenticate: Bearer"));
}

TEST_F(Serve, ATokenMayWhatItsScopesSayAndNoMore) {
  start({"--listen", "127.0.0.1:0"});
  add_account();
  add_factor();
  const std::string key = token({"read"});
  EXPECT_EQ(ask_with(key, "GET", "/v1/accounts").status, 200);
  const Answer code = ask_with(key, "GET", "/v1/accounts/work/totp");
  EXPECT_EQ(code.status, 403);
  EXPECT_EQ(code.json()["outcome"], "forbidden");
}

TEST_F(Serve, RefusesAHostNameThatIsNotItsOwn) {
  start({"--listen", "127.0.0.1:0"});
  EXPECT_EQ(curl("-H 'Host: evil.example'", place_["address"].get<std::string>() + "/healthz").status, 403);
  EXPECT_EQ(curl("", place_["address"].get<std::string>() + "/healthz").status, 200);
}

TEST_F(Serve, AChangeOfWhatWasChangedMeanwhileIsRefused) {
  start();
  add_account();
  const std::string tag = ask("GET", "/v1/accounts/work").json()["etag"];
  const std::string header = "-H 'If-Match: \"" + tag + "\"'";
  EXPECT_EQ(ask("PATCH", "/v1/accounts/work", {{"notes", "mine"}}, header).status, 200);
  EXPECT_EQ(ask("PATCH", "/v1/accounts/work", {{"notes", "too late"}}, header).status, 412);
  const std::string now = ask("GET", "/v1/accounts/work").json()["etag"];
  EXPECT_EQ(ask("GET", "/v1/accounts/work", nullptr, "-H 'If-None-Match: \"" + now + "\"'").status, 304);
}

TEST_F(Serve, SaysWhatIsWrongWithARequest) {
  start();
  EXPECT_EQ(ask("GET", "/v1/nothing").status, 404);
  const Answer verb = ask("PUT", "/v1/accounts");
  EXPECT_EQ(verb.status, 405);
  EXPECT_TRUE(verb.head.contains("Allow: ")) << verb.head;
  const Answer key = ask("POST", "/v1/accounts", {{"nmae", "x"}});
  EXPECT_EQ(key.status, 400);
  EXPECT_TRUE(key.json()["hint"].get<std::string>().contains("name")) << key.body;
  EXPECT_EQ(ask("POST", "/v1/accounts", nullptr, "-H 'Content-Type: application/json' -d '{'").status, 400);
  EXPECT_EQ(ask("POST", "/v1/accounts", nullptr, "-H 'Content-Type: text/plain' -d '{}'").status, 400);
}

TEST_F(Serve, WithoutTheKeyItStaysUpAndIsUnsealedLater) {
  ASSERT_EQ(run({"--passphrase-file", write("passphrase", "correct horse battery"), "vault", "status"}).status, 0);
  std::filesystem::rename(root_ / "keys", root_ / "away");
  start();
  EXPECT_EQ(ask("GET", "/healthz").status, 200);
  EXPECT_EQ(ask("GET", "/v1/accounts/work/totp").json()["outcome"], "vault_sealed");
  EXPECT_EQ(ask("POST", "/v1/vault/unseal", nlohmann::json::object()).status, 503);
  std::filesystem::rename(root_ / "away", root_ / "keys");
  const Answer opened = ask("POST", "/v1/vault/unseal", nlohmann::json::object());
  EXPECT_EQ(opened.status, 200) << opened.body;
  EXPECT_EQ(opened.json()["opens"], true);
}

TEST_F(Serve, CountsItsRequestsForPrometheus) {
  start();
  ask("GET", "/v1/accounts");
  const Answer metrics = ask("GET", "/metrics");
  EXPECT_TRUE(metrics.body.contains("totpilot_http_requests_total{operation=\"account.list\",status=\"200\"} 1"))
      << metrics.body;
  EXPECT_TRUE(metrics.body.contains("totpilot_vault_sealed 0")) << metrics.body;
}

TEST_F(Serve, ListsItsRoutesAsOpenApi) {
  start();
  EXPECT_EQ(ask("GET", "/v1/openapi.json").json()["openapi"], "3.1.0");
}

TEST_F(Serve, CutsASlowClientAsTheSettingsSay) {
  environment_["TOTPILOT_API_HEAD"] = "50ms";
  start();
  // The server closes while the client still writes its headers: nothing is answered, and nothing hangs.
  const std::string socket = place_["socket"];
  const std::string said = output_of("python3 -c \"import socket\ns=socket.socket(socket.AF_UNIX)\ns.connect('" +
                                     socket + "')\ns.send(b'GET / HTTP/1.1\\r\\nX-')\nprint(len(s.recv(100)))\"");
  EXPECT_EQ(said, "0\n");
  EXPECT_EQ(ask("GET", "/healthz").status, 200);
}

TEST_F(Serve, AnIdempotencyKeyIsItsCallersOwn) {
  start({"--listen", "127.0.0.1:0"});
  add_account();
  ASSERT_EQ(ask("PATCH", "/v1/accounts/work", {{"app", "redmine"}, {"url", "http://127.0.0.1:9/"}}).status, 200);
  const std::string key = token({"read", "run"});
  const auto job_of = [](const Answer& answer) { return answer.json().value("job", answer.head + answer.body); };
  const std::string mine = job_of(ask("POST", "/v1/accounts/work/check", nullptr, "-H 'Idempotency-Key: one'"));
  const auto of_token = [&] {
    return job_of(ask_with(key, "POST", "/v1/accounts/work/check", "-H 'Idempotency-Key: one'"));
  };
  const std::string its_own = of_token();
  EXPECT_TRUE(its_own.starts_with("job_")) << its_own;
  EXPECT_NE(its_own, mine);
  EXPECT_EQ(of_token(), its_own);
}

TEST_F(Serve, TellsTheEventsOfAJobFromItsFirstToItsLast) {
  start();
  add_account();
  ASSERT_EQ(ask("PATCH", "/v1/accounts/work", {{"app", "redmine"}, {"url", "http://127.0.0.1:9/"}}).status, 200);
  const Answer queued = ask("POST", "/v1/accounts/work/check", nullptr, "-H 'Idempotency-Key: one'");
  ASSERT_EQ(queued.status, 202) << queued.body;
  const std::string job = queued.json()["job"];
  EXPECT_TRUE(queued.head.contains("Location: /v1/jobs/" + job));
  EXPECT_EQ(ask("POST", "/v1/accounts/work/check", nullptr, "-H 'Idempotency-Key: one'").json()["job"], job);
  ASSERT_EQ(ask("POST", "/v1/jobs/" + job + "/cancel").status, 200);
  const Answer events = ask("GET", "/v1/jobs/" + job + "/events");
  EXPECT_TRUE(events.head.contains("text/event-stream")) << events.head;
  EXPECT_TRUE(events.body.contains("event: job.queued")) << events.body;
  EXPECT_TRUE(events.body.contains("event: job.ended")) << events.body;
  EXPECT_EQ(ask("GET", "/v1/jobs/" + job).json()["state"], "cancelled");
}

}  // namespace
}  // namespace totpilot::cli

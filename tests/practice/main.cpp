// practice-site: the practice site for people, for `make demo` and for benchmarks. Prints its address, runs until it is
// told to stop.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <system_error>

#include "tests/practice/site.h"

namespace {

using namespace totpilot::practice;

std::string describe_behaviours() {
  std::string text = "Behaviours:\n";
  for (const BehaviourInfo& info : all_behaviours()) {
    text.append("  ").append(info.name).append(": ").append(info.meaning).append("\n");
  }
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  SiteOptions options;
  UserSeed user{.name = "alice", .password = "correct horse battery", .behaviours = {}, .live_secret = {}};
  std::vector<std::string> behaviours;
  long skew_seconds = 0;
  long delay_millis = options.delay.count();

  CLI::App app("A small web app with two-step verification that misbehaves on request.");
  app.footer(describe_behaviours());
  app.add_option("--port", options.port, "port on 127.0.0.1; 0 takes a free one")->capture_default_str();
  app.add_option("--behaviour", behaviours, "what to do differently; see below")->check([](const std::string& name) {
    return behaviour_from_name(name) ? std::string() : "no behaviour is called " + name;
  });
  app.add_option("--user", user.name, "the one user")->capture_default_str();
  app.add_option("--password", user.password, "that user's practice password (not a real one)")->capture_default_str();
  app.add_option("--secret", user.live_secret,
                 "that user's practice secret in base32; given: MFA is on from the start");
  app.add_option("--clock", options.clock_file, "test clock: a file of 8 bytes, shared with the program under test");
  app.add_option("--skew", skew_seconds, "seconds that the app's clock is ahead")->capture_default_str();
  app.add_option("--delay", delay_millis, "milliseconds before each answer, for the behaviour slow")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  for (const std::string& name : behaviours) options.behaviours.add(*behaviour_from_name(name));
  options.skew = std::chrono::seconds(skew_seconds);
  options.delay = std::chrono::milliseconds(delay_millis);
  options.users.push_back(user);

  // Blocked before the site's thread starts, so that only sigwait() below sees them.
  sigset_t stop_signals;
  sigemptyset(&stop_signals);
  sigaddset(&stop_signals, SIGINT);
  sigaddset(&stop_signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stop_signals, nullptr);

  try {
    Site site(std::move(options));
    site.start();
    std::printf("listening on %s\n", site.base_url().c_str());
    std::fflush(stdout);
    int received = 0;
    sigwait(&stop_signals, &received);
    site.stop();
  } catch (const std::system_error& error) {
    std::fprintf(stderr, "practice-site: %s\n", error.what());
    return 1;
  }
  return 0;
}

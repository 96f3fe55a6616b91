#pragma once
// A house in a private directory, with a vault whose key is a file, no browser, and the shared test clock.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

#include "agent/services/accounts.h"
#include "agent/services/house.h"
#include "agent/services/progress.h"
#include "agent/services/vaults.h"

namespace totpilot::services {

/// A key as apps write it.
inline constexpr const char* kKey = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

class Home : public testing::Test {
 protected:
  Home() {
    std::string name = (std::filesystem::temp_directory_path() / "totpilot-services-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    root_ = name;
    const std::string clock = (root_ / "clock").string();
    std::ofstream(clock, std::ios::binary).write("\0\0\0\0\0\0\0\0", 8);
    ::setenv("TOTPILOT_TEST_CLOCK", clock.c_str(), 1);
    config_.state_directory = root_ / "state";
    config_.key_directory = root_ / "keys";
    config_.escrow_directory = root_ / "escrow";
    open();
    run(init_vault(house(), {}));
  }
  ~Home() override {
    house_.reset();
    ::unsetenv("TOTPILOT_TEST_CLOCK");
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  /// As the next command would find it.
  void open() { open({}); }
  /// With what its user brings, or answers.
  void open(Wiring wiring) {
    house_.reset();
    wiring.doing = "test";
    wiring.caller = "cli:1";
    house_ = std::make_unique<House>(context_, config_, std::move(wiring));
  }
  House& house() { return *house_; }

  template <class T>
  T run(task<T> work) {
    return run_to_end(context_, std::move(work));
  }
  /// What it fails with; an `ok` failure for none.
  template <class T>
  Failure failure_of(task<T> work) {
    try {
      run_to_end(context_, std::move(work));
    } catch (const Failure& failure) {
      return failure;
    }
    return Failure(Outcome::kOk, "nothing failed");
  }

  AddAccount account(std::string name = "alice-app") {
    AddAccount request;
    request.name = std::move(name);
    request.username = "alice";
    request.url = "https://app.example/";
    return request;
  }
  AccountView add(std::string name = "alice-app") { return run(add_account(house(), account(std::move(name)))); }

  std::filesystem::path root_;
  config::Config config_;
  boost::asio::io_context context_{1};
  std::unique_ptr<House> house_;
};

/// Keeps the events that say what is waited for.
class WaitRecorder final : public ProgressListener {
 public:
  void on_event(const Event& event) override {
    if (const auto* waiting = std::get_if<Waiting>(&event)) waits.push_back(*waiting);
  }
  std::vector<Waiting> waits;
};

}  // namespace totpilot::services

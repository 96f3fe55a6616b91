// `kill -9` of the real binary, in a new process each, at every state boundary of an enrollment. Afterwards, whenever
// the site's ledger says that MFA is on, a secret in the vault yields a code that the site accepts.
#include <signal.h>

#include <fstream>
#include <set>

#include "agent/enrollment/fail_point.h"
#include "tests/e2e/practice_mission.h"

namespace totpilot::e2e {
namespace {

using testing::IsEmpty;

/// All that an undisturbed enrollment passes, in its order.
const std::vector<std::string> kPoints{
    "planned.before_commit",        "planned.after_commit",         "authenticating.after_commit",
    "authenticating.after_effect",  "setup_opening.after_commit",   "setup_opening.after_effect",
    "secret_durable.before_commit", "secret_durable.after_commit",  "secret_durable.after_read_back",
    "secret_durable.after_escrow",  "secret_durable.after_effect",  "submit_armed.before_commit",
    "submit_armed.after_commit",    "submit_armed.after_effect",    "submitted.after_commit",
    "app_confirmed.after_commit",   "recovery_codes.before_commit", "recovery_codes.after_commit",
    "recovery_codes.after_effect",  "verifying.after_commit",       "verifying.after_effect",
    "active.before_commit",         "active.after_commit",
};

std::string test_name(const std::string& point) {
  std::string name = point;
  std::ranges::replace(name, '.', '_');
  return name;
}

class Kill : public PracticeMission {
 protected:
  void kill_at(const std::string& point, std::vector<std::string> arguments) {
    home.set_environment("TOTPILOT_FAIL_POINT", point + ":kill");
    const Reply killed = totpilot(std::move(arguments));
    home.unset_environment("TOTPILOT_FAIL_POINT");
    ASSERT_EQ(killed.signal, SIGKILL) << point << " was never passed\n" << killed.told();
  }

  void expect_settled() {
    const Reply recovered = totpilot({"recover"});
    EXPECT_EQ(recovered.outcome(), "ok") << recovered.told();
    EXPECT_TRUE(totpilot({"account", "show", kAccount}).json["open_enrollment"].is_null());
    EXPECT_TRUE(nobody_is_locked_out());
    EXPECT_LE(site->ledger().submits(Purpose::kEnrol), 1) << "a code is submitted once per attempt";
    EXPECT_EQ(site->ledger().submits(Purpose::kSignIn, CodeVerdict::kReused), 0);
    expect_nothing_went_elsewhere();
  }
};

class KillAt : public Kill, public testing::WithParamInterface<std::string> {};

TEST_P(KillAt, LocksNobodyOut) {
  start();
  kill_at(GetParam(), {"enroll", kAccount});
  expect_settled();
}

INSTANTIATE_TEST_SUITE_P(Enrollment, KillAt, testing::ValuesIn(kPoints),
                         [](const auto& instance) { return test_name(instance.param); });

/// A second kill while the first is being recovered from.
class KillTwice : public Kill, public testing::WithParamInterface<std::string> {};

TEST_P(KillTwice, LocksNobodyOut) {
  start();
  kill_at("submit_armed.after_effect", {"enroll", kAccount});
  ASSERT_TRUE(user().mfa_enabled);
  kill_at(GetParam(), {"recover"});
  expect_settled();
  EXPECT_EQ(totpilot({"factor", "list", kAccount}).json["factors"][0]["state"], "live");
}

INSTANTIATE_TEST_SUITE_P(Recovery, KillTwice,
                         testing::Values("claim.after_commit", "uncertain.after_commit", "active.before_commit"),
                         [](const auto& instance) { return test_name(instance.param); });

TEST_F(Kill, PointsAreAllThatAnEnrollmentPasses) {
  start();
  const std::string log = (home.root() / "passed").string();
  home.set_environment("TOTPILOT_FAIL_POINT_LOG", log);
  const Reply enrolled = totpilot({"enroll", kAccount});
  ASSERT_EQ(enrolled.outcome(), "ok") << enrolled.told();

  std::set<std::string> passed;
  std::ifstream stream(log);
  for (std::string name; std::getline(stream, name);) passed.insert(name);
  for (const std::string& point : kPoints) EXPECT_TRUE(passed.contains(point)) << point;
  for (const std::string_view known : enrollment::all_fail_points()) {
    // Between the commit of one state and the beginning of the next nothing happens that outlives the process.
    const bool neighbour = known.ends_with(".before_commit") || known.starts_with("window_spent") ||
                           known.starts_with("codes_mark") || known.starts_with("claim") ||
                           known == "recovery_codes.after_read_back";
    if (neighbour || !passed.contains(std::string(known))) continue;
    EXPECT_NE(std::ranges::find(kPoints, known), kPoints.end()) << known << " is passed, but nothing is killed there";
  }
}

}  // namespace
}  // namespace totpilot::e2e

// Pages that pull the rug away. Not every run can end well there, but every run ends with its outcome, nothing goes
// where it must not, and once the app behaves again `recover` settles what is open, with nobody locked out.
#include "tests/e2e/practice_mission.h"

namespace totpilot::e2e {
namespace {

using enum Behaviour;

struct Trap {
  std::string name;
  Behaviours behaviours;
  bool turns_mfa_on = false;  // whatever the program does
};

void PrintTo(const Trap& trap, std::ostream* stream) { *stream << trap.name; }

class Hostile : public PracticeMission, public testing::WithParamInterface<Trap> {};

TEST_P(Hostile, LocksNobodyOut) {
  home.set_environment("TOTPILOT_TIMEOUTS_STEP", "4s");
  start(GetParam().behaviours);
  const Reply enrolled = totpilot({"enroll", kAccount});
  EXPECT_NE(enrolled.outcome(), "") << enrolled.told();
  EXPECT_NE(enrolled.outcome(), "internal") << enrolled.told();
  expect_nothing_went_elsewhere();
  EXPECT_LE(site->ledger().submits(Purpose::kEnrol), 1) << "a code is submitted once per attempt";
  if (GetParam().turns_mfa_on) EXPECT_TRUE(user().mfa_enabled);
  EXPECT_TRUE(nobody_is_locked_out()) << "before recovery";

  site->set_behaviours({});
  const Reply recovered = totpilot({"recover"});
  EXPECT_EQ(recovered.outcome(), "ok") << recovered.told();
  EXPECT_TRUE(totpilot({"account", "show", kAccount}).json["open_enrollment"].is_null());
  EXPECT_TRUE(nobody_is_locked_out()) << "after recovery";
}

const Trap kTraps[] = {
    {"A500AfterEnabling", {kFailsAfterEnabling}, true},
    {"ConnectionDroppedAfterEnabling", {kDropsAfterEnabling}, true},
    {"EveryPageRendersTwice", {kRendersTwice}, false},
    {"SecretRotatesWhileThePageRendersTwice", {kRotatesOnOpen, kRendersTwice, kKeyInPlainSight}, false},
    {"SignInPageWandersOff", {kWanders}, false},
};

INSTANTIATE_TEST_SUITE_P(Practice, Hostile, testing::ValuesIn(kTraps),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace totpilot::e2e

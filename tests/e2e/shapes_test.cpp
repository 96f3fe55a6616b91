// Apps show a secret, ask for a code and hand out recovery codes in many ways; all of them end in a proven factor.
// Several ways that do not disturb each other share one run.
#include "tests/e2e/practice_mission.h"

namespace totpilot::e2e {
namespace {

using enum Behaviour;

struct Shape {
  std::string name;
  Behaviours behaviours;
  std::string playbook;  // of tests/practice/playbooks; empty: the site's own
  int recovery_codes = 10;
};

void PrintTo(const Shape& shape, std::ostream* stream) { *stream << shape.name; }

class Shapes : public PracticeMission, public testing::WithParamInterface<Shape> {};

TEST_P(Shapes, EndInAProvenFactor) {
  const Shape& shape = GetParam();
  if (!shape.playbook.empty()) home.use_playbook(practice_playbook(shape.playbook));
  start(shape.behaviours);
  const Reply run = totpilot({"enroll", kAccount});
  ASSERT_EQ(run.outcome(), "ok") << run.told();
  EXPECT_TRUE(user().mfa_enabled);
  EXPECT_EQ(run.json.value("recovery_codes", -1), shape.recovery_codes);
  EXPECT_TRUE(nobody_is_locked_out());
  expect_nothing_went_elsewhere();
}

const Shape kShapes[] = {
    {"QrOnACanvasAndPasswordAskedAgain", {kQrCanvas, kAsksPasswordAgain}, "", 10},
    {"QrAsSvgAndABoxPerDigit", {kQrSvg, kSixBoxes}, "", 10},
    {"QrAsBackgroundAndCodesByCopy", {kQrBackground, kRecoveryCodesByCopy}, "codes_by_copy", 10},
    {"QrLightOnDarkAndCodesByDownload", {kQrInverted, kRecoveryCodesByDownload}, "codes_by_download", 10},
    {"QrWithoutQuietZoneAndASignInByScript", {kQrBare, kSinglePageLogin}, "", 10},
    {"KeyAloneAndCodeThatSubmitsByItself", {kNoQr, kSubmitsByItself}, "submits_by_itself", 10},
    {"UriInAnAttributeWithAnotherScheme", {kKeyOnlyInAttribute, kSha256, kEightDigits, kSixtySeconds}, "", 10},
    {"ClosedShadowRootAndUserNameFirst", {kClosedShadowRoot, kIdentifierFirst}, "identifier_first", 10},
    {"FrameStealsTheFocus", {kFocusThief}, "", 10},
    {"RotatesOnOpen", {kRotatesOnOpen}, "rotates_on_open", 10},
    {"TurnsOnAtOpen", {kTurnsOnAtOpen}, "at_open", 10},
    {"TurnsOnAtTheLastButton", {kTurnsOnAtLastButton}, "last_button", 10},
    {"NoRecoveryCodes", {kNoRecoveryCodes}, "no_recovery_codes", 0},
    {"RecoveryCodesBeforeTheCode", {kRecoveryCodesFirst}, "codes_first", 10},
};

INSTANTIATE_TEST_SUITE_P(Practice, Shapes, testing::ValuesIn(kShapes),
                         [](const auto& instance) { return instance.param.name; });

class Clocks : public PracticeMission {};

TEST_F(Clocks, AnAppWhoseClockIsAheadIsFollowedByItsDateHeader) {
  practice::SiteOptions options;
  options.skew = std::chrono::seconds(80);  // without correction every code is at least two windows old
  options.windows_ahead = 0;                // and one that is corrected too far is too early
  start_with(std::move(options));
  const Reply run = totpilot({"enroll", kAccount});
  ASSERT_EQ(run.outcome(), "ok") << run.told();
  EXPECT_EQ(site->ledger().submits(Purpose::kEnrol, CodeVerdict::kWrong), 0);
  EXPECT_TRUE(nobody_is_locked_out());
}

}  // namespace
}  // namespace totpilot::e2e

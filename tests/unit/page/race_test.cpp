// Secrets typed while a page navigates at random, and while a cross-site frame steals the focus: 300 races, none in the
// wrong origin. Most navigations go to another port, which the same process shows; one to another site costs a new one.
#include <random>

#include "agent/base/stopwatch.h"
#include "tests/unit/page/page_test.h"

namespace totpilot::tests {
namespace {

using browser::SecretKind;
using Race = PageTest;

class Navigating : public Race {
 protected:
  /// Milliseconds from the page's start until its field is filled.
  int undisturbed(const std::string& elsewhere) {
    open("/race-target.html?" + elsewhere + "&600000");
    const Stopwatch watch;
    fill_password(css("#password"), "hunter2-hunter2");
    return static_cast<int>(std::max<std::int64_t>(20, watch.elapsed().count()));
  }

  void race(const std::string& elsewhere, int races) {
    std::minstd_rand dice(20261124);
    // Up to three times what an undisturbed filling takes here and now, so that either may win.
    std::uniform_int_distribution<int> moment(0, 3 * undisturbed(elsewhere));
    int filled = 0;
    int refused = 0;
    for (int race = 0; race < races; ++race) {
      open("/race-target.html?" + elsewhere + "&" + std::to_string(moment(dice)));
      try {
        fill_password(css("#password"), "hunter2-hunter2");
        ++filled;
      } catch (const Failure& failure) {
        EXPECT_TRUE(failure.code() == Outcome::kOriginBlocked || failure.code() == Outcome::kPageChanged)
            << failure.message();
        ++refused;
      }
      auto caught = css("#log");
      caught.has_text = "caught";
      run(page().wait_for({shows(caught)}, soon()));
      ASSERT_EQ(log(), "caught") << "race " << race;
    }
    // Both ends of the race were met; otherwise nothing was raced.
    EXPECT_GT(filled, 0);
    EXPECT_GT(refused, 0);
  }
};

TEST_F(Navigating, ToAnotherOriginOfTheSameProcessNeverTakesTheSecretAlong) { race(site().other_port(), 120); }

TEST_F(Navigating, ToAnotherSiteNeverTakesTheSecretAlong) { race(site().other_site(), 30); }

TEST_F(Race, AFrameThatStealsTheFocusGetsNothing) {
  constexpr int kRaces = 150;
  open("/race-focus.html?" + site().other_site());
  EXPECT_EQ(log_in("#thief"), "thief");

  for (int race = 0; race < kRaces; ++race) fill_password(css("#password"), "hunter2-hunter2");

  EXPECT_EQ(log_in("#thief"), "thief");
  EXPECT_EQ(log().substr(0, 5), "15 15");
}

}  // namespace
}  // namespace totpilot::tests

#include "agent/enrollment/window_ledger.h"

#include <map>
#include <random>
#include <set>

#include "agent/enrollment/app_time.h"
#include "tests/unit/enrollment/house.h"

namespace totpilot::enrollment {
namespace {

using namespace std::chrono_literals;

class WindowLedgerTest : public testing::Test {
 protected:
  Reserved reserve(const std::string& by, std::chrono::seconds period = 30s) {
    return house_.windows.reserve({.account = account_.id, .period = period, .app_time = house_.clock.now(), .by = by});
  }
  std::optional<WindowReservation> now(const std::string& by) {
    Reserved reserved = reserve(by);
    if (auto* reservation = std::get_if<WindowReservation>(&reserved)) return std::move(*reservation);
    return std::nullopt;
  }
  WaitUntil wait(const std::string& by, std::chrono::seconds period = 30s) {
    return std::get<WaitUntil>(reserve(by, period));
  }
  void spend(const WindowReservation& reservation) { house_.windows.mark_spent(reservation, house_.clock.now()); }
  TimePoint start() const { return totp::window_at(30s, house_.clock.now()).start; }

  Scratch scratch_;
  House house_{scratch_.path()};
  store::AccountRow account_ = house_.add_account();
};

TEST_F(WindowLedgerTest, GivesTheCurrentWindowWhenNobodyHasIt) {
  const auto reservation = now("job_a");
  ASSERT_TRUE(reservation);
  EXPECT_EQ(reservation->window().start, start());
}

TEST_F(WindowLedgerTest, GivesTheSameHolderTheSameWindowAgain) {
  ASSERT_TRUE(now("job_a"));
  EXPECT_TRUE(now("job_a"));
}

TEST_F(WindowLedgerTest, LetsAnotherWaitForTheNextWindowAndSaysWhy) {
  ASSERT_TRUE(now("job_a"));
  house_.clock.move(18s);
  const WaitUntil wait_for = wait("job_b");
  EXPECT_EQ(wait_for.app_time, start() + 30s);
  EXPECT_EQ(wait_for.reason, "another job holds this window");
}

TEST_F(WindowLedgerTest, NeverGivesAUsedWindow) {
  spend(*now("job_a"));
  EXPECT_EQ(wait("job_a").reason, "this window is used");
}

TEST_F(WindowLedgerTest, GivesNoWindowWithLessThanFiveSecondsLeft) {
  house_.clock.move(25s);
  EXPECT_TRUE(now("job_a"));
  house_.clock.move(1ms);
  const WaitUntil wait_for = wait("job_b");
  EXPECT_EQ(wait_for.reason, "another job holds this window");
  house_.windows.release(account_.id, "job_a");
  EXPECT_EQ(wait("job_b").reason, "only 5 s of this window are left");
}

TEST_F(WindowLedgerTest, WantsAQuarterOfAShortPeriod) {
  house_.clock.move(7500ms);
  EXPECT_TRUE(std::holds_alternative<WindowReservation>(reserve("job_a", 10s)));
  house_.windows.release(account_.id, "job_a");
  house_.clock.move(1ms);
  EXPECT_TRUE(std::holds_alternative<WaitUntil>(reserve("job_a", 10s)));
}

TEST_F(WindowLedgerTest, HoldsTheWindowThatItTellsToWaitFor) {
  spend(*now("job_a"));
  const WaitUntil first = wait("job_a");
  const WaitUntil second = wait("job_b");
  EXPECT_EQ(second.app_time, first.app_time + 30s);
  house_.clock.move_to(first.app_time);
  EXPECT_TRUE(now("job_a"));
  EXPECT_FALSE(now("job_b"));
}

TEST_F(WindowLedgerTest, RefusesToSpendAWindowThatALaterOneHasOvertaken) {
  const auto early = now("job_a");
  house_.clock.move(30s);
  spend(*now("job_b"));
  EXPECT_EQ(outcome_of([&] { house_.windows.mark_spent(*early, early->window().start); }), Outcome::kCodeReused);
}

TEST_F(WindowLedgerTest, RefusesToSpendAWindowThatIsOver) {
  const auto reservation = now("job_a");
  house_.clock.move(30s);
  EXPECT_EQ(outcome_of([&] { spend(*reservation); }), Outcome::kTimedOut);
}

TEST_F(WindowLedgerTest, SpendsAReservationOnceHoweverOftenItIsAsked) {
  const auto reservation = now("job_a");
  spend(*reservation);
  EXPECT_EQ(outcome_of([&] { spend(*reservation); }), Outcome::kOk);
}

TEST_F(WindowLedgerTest, RefusesToSpendWhatWasGivenBack) {
  const auto reservation = now("job_a");
  house_.windows.release(account_.id, "job_a");
  EXPECT_EQ(outcome_of([&] { spend(*reservation); }), Outcome::kCodeReused);
  ASSERT_TRUE(now("job_b"));
  EXPECT_EQ(outcome_of([&] { spend(*reservation); }), Outcome::kCodeReused);
}

TEST_F(WindowLedgerTest, TakesOverWhatADeadJobHeld) {
  const Lease dead = house_.add_job(account_.id);
  ASSERT_TRUE(now(dead.job.str()));
  EXPECT_FALSE(now("job_b"));
  house_.end_job(dead);
  EXPECT_TRUE(now("job_b"));
}

TEST_F(WindowLedgerTest, TakesOverWhatAJobHeldWhoseLeaseHasRunOut) {
  const Lease silent = house_.add_job(account_.id);
  ASSERT_TRUE(std::holds_alternative<WindowReservation>(reserve(silent.job.str(), 3600s)));
  EXPECT_TRUE(std::holds_alternative<WaitUntil>(reserve("job_b", 3600s)));
  house_.windows.release(account_.id, "job_b");
  house_.clock.move(61s);
  EXPECT_TRUE(std::holds_alternative<WindowReservation>(reserve("job_b", 3600s)));
}

TEST_F(WindowLedgerTest, GivesBackByTheNameOfAJobOrACaller) {
  const Lease job = house_.add_job(account_.id);
  ASSERT_TRUE(now(job.job.str()));
  house_.windows.release(job.job.str());
  ASSERT_TRUE(now("cli:1"));
  house_.windows.release("cli:1");
  EXPECT_TRUE(now("job_b"));
}

TEST_F(WindowLedgerTest, SkipsAWindowThatAPersonWasJustShown) {
  house_.windows.mark_shown(account_.id, 30s, house_.clock.now(), "cli:1");
  EXPECT_EQ(wait("job_a").reason, "this window's code was shown to a person");
}

TEST_F(WindowLedgerTest, TakesAWindowThatWasShownOverAMinuteAgo) {
  house_.windows.mark_shown(account_.id, 3600s, house_.clock.now(), "cli:1");
  EXPECT_TRUE(std::holds_alternative<WaitUntil>(reserve("job_a", 3600s)));
  house_.clock.move(60s);
  EXPECT_TRUE(std::holds_alternative<WindowReservation>(reserve("job_a", 3600s)));
}

TEST_F(WindowLedgerTest, IsNotStarvedByATabThatShowsEveryCode) {
  house_.windows.mark_shown(account_.id, 30s, house_.clock.now(), "tab");
  const WaitUntil wait_for = wait("job_a");
  house_.clock.move_to(wait_for.app_time);
  house_.windows.mark_shown(account_.id, 30s, house_.clock.now(), "tab");
  EXPECT_TRUE(now("job_a"));
}

TEST_F(WindowLedgerTest, TellsAPersonWhoHoldsTheCodeAndWhenTheNextOneComes) {
  ASSERT_TRUE(now("job_a"));
  wait("job_b");
  const Shown shown = house_.windows.mark_shown(account_.id, 30s, house_.clock.now(), "cli:1");
  EXPECT_EQ(shown.use, store::WindowUse::kReserved);
  EXPECT_EQ(shown.by, "job_a");
  EXPECT_EQ(shown.next.start, start() + 60s);
}

TEST_F(WindowLedgerTest, TellsAPersonThatTheCodeIsUsed) {
  spend(*now("job_a"));
  const Shown shown = house_.windows.mark_shown(account_.id, 30s, house_.clock.now(), "cli:1");
  EXPECT_EQ(shown.use, store::WindowUse::kSpent);
  EXPECT_EQ(shown.next.start, start() + 30s);
}

TEST_F(WindowLedgerTest, TellsAPersonEachTimeThatALaterCodeWasUsed) {
  spend(*now("job_a"));
  const TimePoint earlier = house_.clock.now() - 30s;
  for (int look = 1; look <= 2; ++look) {
    const Shown shown = house_.windows.mark_shown(account_.id, 30s, earlier, "cli:1");
    EXPECT_EQ(shown.use, store::WindowUse::kSpent) << look;
    EXPECT_TRUE(shown.overtaken) << look;
    EXPECT_EQ(shown.next.start, start() + 30s) << look;
  }
}

TEST_F(WindowLedgerTest, ShowsAFreeCodeWithoutAWarning) {
  const Shown shown = house_.windows.mark_shown(account_.id, 30s, house_.clock.now(), "cli:1");
  EXPECT_EQ(shown.use, store::WindowUse::kShown);
  EXPECT_EQ(shown.window.start, start());
}

TEST_F(WindowLedgerTest, ExceedsSpentWindowsOfOtherFactorsAndPeriods) {
  const auto minute = std::get<WindowReservation>(reserve("job_a", 60s));  // began 30 s before the window of 30 s
  spend(minute);
  const Reserved next = reserve("job_a", 60s);
  EXPECT_EQ(std::get<WaitUntil>(next).app_time, minute.window().start + 60s);
}

TEST_F(WindowLedgerTest, WaitsBeyondAWindowThatWasSpentAheadOfOurClock) {
  house_.clock.move(90s);
  spend(*now("job_a"));
  const TimePoint spent = start();
  const TimePoint back = house_.clock.now() - 90s;
  const Reserved reserved = house_.windows.reserve({.account = account_.id, .app_time = back, .by = "job_b"});
  EXPECT_EQ(std::get<WaitUntil>(reserved).app_time, spent + 30s);
  EXPECT_EQ(std::get<WaitUntil>(reserved).reason, "this window is used");
}

TEST_F(WindowLedgerTest, KeepsAccountsApart) {
  const store::AccountRow other = house_.add_account("practice-bob");
  ASSERT_TRUE(now("job_a"));
  EXPECT_TRUE(std::holds_alternative<WindowReservation>(
      house_.windows.reserve({.account = other.id, .app_time = house_.clock.now(), .by = "job_b"})));
}

TEST_F(WindowLedgerTest, ForgetsOldWindowsButNeverTheLastSpentOne) {
  spend(*now("job_a"));
  const TimePoint spent = start();
  house_.clock.move(24h);
  house_.windows.prune(house_.clock.now());
  const Reserved reserved = house_.windows.reserve({.account = account_.id, .app_time = spent, .by = "job_b"});
  EXPECT_TRUE(std::holds_alternative<WaitUntil>(reserved));
}

TEST_F(WindowLedgerTest, HoldsAcrossAReopenedStore) {
  spend(*now("job_a"));
  House again(scratch_.path());
  EXPECT_TRUE(std::holds_alternative<WaitUntil>(
      again.windows.reserve({.account = account_.id, .app_time = house_.clock.now(), .by = "job_b"})));
}

// The property itself: whatever jobs, people, deaths and clock jumps there are, no window is spent twice and none after
// a later one.
TEST_F(WindowLedgerTest, SpendsNoWindowTwiceInAThousandRandomInterleavings) {
  std::mt19937 random(20261124);
  std::map<std::string, WindowReservation> held;
  std::set<std::int64_t> spent;
  int waits = 0;
  for (int step = 0; step < 1000; ++step) {
    const std::string who = "job_" + std::to_string(random() % 4);
    switch (random() % 8) {
      case 0:
      case 1:
      case 2: {
        Reserved reserved = reserve(who);
        if (auto* reservation = std::get_if<WindowReservation>(&reserved)) {
          held.insert_or_assign(who, std::move(*reservation));
        } else {
          ++waits;
        }
        break;
      }
      case 3:
      case 4: {
        if (held.empty()) break;
        const auto mine = std::next(held.begin(), static_cast<std::ptrdiff_t>(random() % held.size()));
        const std::int64_t window = to_millis(mine->second.window().start);
        const Outcome outcome = outcome_of([&] { spend(mine->second); });
        if (outcome == Outcome::kOk) {
          ASSERT_TRUE(spent.empty() || window > *spent.rbegin()) << "step " << step;
          spent.insert(window);
        } else {
          ASSERT_TRUE(outcome == Outcome::kCodeReused || outcome == Outcome::kTimedOut) << "step " << step;
        }
        held.erase(mine);
        break;
      }
      case 5:
        house_.windows.mark_shown(account_.id, 30s, house_.clock.now(), "cli:1");
        break;
      case 6:
        house_.windows.release(account_.id, who);
        if (random() % 2 == 0) held.erase(who);  // else it goes on with what it has no more
        break;
      default:
        house_.clock.move(std::chrono::milliseconds(random() % 45'000));
        break;
    }
  }
  // So that it is about something: most of what is held runs out, as the clock is moved so far.
  EXPECT_GT(spent.size(), 25U);
  EXPECT_GT(waits, 25);
}

TEST_F(WindowLedgerTest, AWindowSpentUnderAWrongClockDoesNotBlockTheAccount) {
  for (const auto ahead : {24h, 24h * 365}) {
    const TimePoint wrong = house_.clock.now() + ahead;
    Reserved reserved = house_.windows.reserve({.account = account_.id, .app_time = wrong, .by = "job_a"});
    house_.windows.mark_spent(std::get<WindowReservation>(reserved), wrong);
  }

  const auto reservation = now("job_b");

  ASSERT_TRUE(reservation);
  EXPECT_EQ(reservation->window().start, start());
  spend(*reservation);
  EXPECT_EQ(wait("job_b").app_time, start() + 30s);
  EXPECT_EQ(house_.windows.mark_shown(account_.id, 30s, house_.clock.now(), "cli:1").next.start, start() + 60s);
}

TEST_F(WindowLedgerTest, AWindowThatACorrectedClockMayHaveSpentIsNotGivenAgain) {
  const TimePoint ahead = house_.clock.now() + 2min;
  Reserved reserved = house_.windows.reserve({.account = account_.id, .app_time = ahead, .by = "job_a"});
  house_.windows.mark_spent(std::get<WindowReservation>(reserved), ahead);
  EXPECT_EQ(wait("job_b").app_time, start() + 2min + 30s);
}

TEST_F(WindowLedgerTest, AWindowSpentUnderAWrongClockIsNotGivenAgainWhenItsTimeComes) {
  const TimePoint ahead = house_.clock.now() + 1h;
  Reserved reserved = house_.windows.reserve({.account = account_.id, .app_time = ahead, .by = "job_a"});
  house_.windows.mark_spent(std::get<WindowReservation>(reserved), ahead);
  house_.clock.move(1h);
  EXPECT_EQ(wait("job_b").app_time, start() + 30s);
}

TEST(AppTime, CorrectsTheSkewUpToItsLimit) {
  const StillClock clock;
  for (const auto skew : {-90'000ms, -1'501ms, 1'501ms, 90'000ms})
    EXPECT_EQ(AppTime(clock, skew).now(), clock.now() + skew);
  EXPECT_EQ(AppTime(clock, 42s).to_ours(clock.now() + 42s), clock.now());
}

TEST(AppTime, LeavesASkewWithinTheErrorOfMeasuringAlone) {
  const StillClock clock;
  for (const auto skew : {-1'500ms, 0ms, 1'500ms}) EXPECT_EQ(AppTime(clock, skew).now(), clock.now());
}

store::AccountRow measured(std::chrono::milliseconds skew, TimePoint at) {
  store::AccountRow account;
  account.skew_ms = skew.count();
  account.skew_measured = at;
  return account;
}

TEST(AppTime, TrustsAMeasuredSkewForADayAndNotLonger) {
  const StillClock clock;
  const TimePoint now = clock.now();
  EXPECT_EQ(AppTime::of(clock, measured(60s, now - 24h)).skew(), 60s);
  EXPECT_EQ(AppTime::of(clock, measured(60s, now - 24h - 1ms)).skew(), 0s);
  EXPECT_EQ(AppTime::of(clock, measured(1h, now - 24h - 1ms)).skew(), 0s);
}

TEST(AppTime, TrustsNoSkewThatWasMeasuredBeforeOurClockWasSetBack) {
  const StillClock clock;
  EXPECT_EQ(AppTime::of(clock, measured(60s, clock.now() + 1ms)).skew(), 0s);
}

TEST(AppTime, TrustsNoSkewThatWasNeverMeasured) {
  const StillClock clock;
  store::AccountRow account;
  account.skew_ms = 60'000;
  EXPECT_EQ(AppTime::of(clock, account).skew(), 0s);
}

TEST(AppTime, RefusesALargerOne) {
  const StillClock clock;
  try {
    const AppTime time(clock, -90'001ms);
    FAIL() << "it was corrected";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Outcome::kClockSkew);
    EXPECT_EQ(failure.message(), "the app's clock is 90 s behind ours; more than 90 s is not corrected");
  }
}

}  // namespace
}  // namespace totpilot::enrollment

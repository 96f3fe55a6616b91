#include "agent/schedule/cron.h"

#include <gmock/gmock.h>

namespace totpilot::schedule {
namespace {

using namespace std::chrono;
using testing::HasSubstr;

TimePoint at(int year, unsigned month, unsigned day, int hour = 0, int minute = 0) {
  return sys_days(std::chrono::year(year) / month / day) + hours(hour) + minutes(minute);
}

Cron cron(std::string_view expression, std::string_view zone = "UTC") {
  auto parsed = Cron::parse(expression, zone);
  EXPECT_TRUE(parsed) << parsed.error();
  return *std::move(parsed);
}

/// The next `count` moments, as ISO texts.
std::vector<std::string> runs(const Cron& cron, TimePoint after, int count) {
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) {
    const auto next = cron.next(after);
    if (!next) break;
    out.push_back(to_iso(*next).substr(0, 16));
    after = *next;
  }
  return out;
}

std::string error_of(std::string_view expression, std::string_view zone = "UTC") {
  const auto parsed = Cron::parse(expression, zone);
  return parsed ? "none" : parsed.error();
}

using Moments = std::vector<std::string>;

TEST(Cron, RunsAtTheTimesItNames) {
  EXPECT_EQ(runs(cron("30 3 * * *"), at(2026, 11, 24, 4), 2), (Moments{"2026-11-25T03:30", "2026-11-26T03:30"}));
  EXPECT_EQ(runs(cron("*/20 8-9 * * *"), at(2026, 11, 24, 8, 20), 4),
            (Moments{"2026-11-24T08:40", "2026-11-24T09:00", "2026-11-24T09:20", "2026-11-24T09:40"}));
  EXPECT_EQ(runs(cron("0 0 1 jan *"), at(2026, 11, 24), 1), Moments{"2027-01-01T00:00"});
  EXPECT_EQ(runs(cron("@weekly"), at(2026, 11, 24), 1), Moments{"2026-11-29T00:00"});
  EXPECT_EQ(runs(cron("0 0 29 2 *"), at(2026, 11, 24), 2), (Moments{"2028-02-29T00:00", "2032-02-29T00:00"}));
}

TEST(Cron, IsNotDueAgainAtTheMomentItRanAt) {
  EXPECT_EQ(cron("0 3 * * *").next(at(2026, 11, 24, 3)), at(2026, 11, 25, 3));
  EXPECT_EQ(cron("0 3 * * *").next(at(2026, 11, 24, 3) - milliseconds(1)), at(2026, 11, 24, 3));
}

TEST(Cron, TakesDaysOfTheWeekByNumberAndNameWithSundayTwice) {
  const Moments sunday{"2026-11-29T03:00"};
  EXPECT_EQ(runs(cron("0 3 * * 0"), at(2026, 11, 24), 1), sunday);
  EXPECT_EQ(runs(cron("0 3 * * 7"), at(2026, 11, 24), 1), sunday);
  EXPECT_EQ(runs(cron("0 3 * * Sunday"), at(2026, 11, 24), 1), sunday);
  EXPECT_EQ(runs(cron("0 3 * * fri-sun"), at(2026, 11, 24), 4),
            (Moments{"2026-11-27T03:00", "2026-11-28T03:00", "2026-11-29T03:00", "2026-12-04T03:00"}));
}

TEST(Cron, WithBothDaysRestrictedRunsOnEither) {
  EXPECT_EQ(runs(cron("0 0 1 * mon"), at(2026, 11, 24), 3),
            (Moments{"2026-11-30T00:00", "2026-12-01T00:00", "2026-12-07T00:00"}));
}

TEST(Cron, ReadsTheTimesInItsZone) {
  EXPECT_EQ(runs(cron("0 3 * * mon", "Europe/Berlin"), at(2026, 11, 24), 1), Moments{"2026-11-30T02:00"});
  EXPECT_EQ(runs(cron("0 3 * * mon", "Asia/Kolkata"), at(2026, 11, 24), 1), Moments{"2026-11-29T21:30"});
}

// Berlin, 2027-03-28: 02:00 becomes 03:00 (at 01:00 UTC).
TEST(Cron, ANamedHourThatTheClockSkipsRunsWhenTheGapEnds) {
  EXPECT_EQ(runs(cron("30 2 * * *", "Europe/Berlin"), at(2027, 3, 27, 12), 2),
            (Moments{"2027-03-28T01:00", "2027-03-29T00:30"}));
  EXPECT_EQ(runs(cron("0,15,30 2 * * *", "Europe/Berlin"), at(2027, 3, 27, 12), 2),
            (Moments{"2027-03-28T01:00", "2027-03-29T00:00"}))
      << "once, not three times";
}

// Berlin, 2027-10-31: 03:00 becomes 02:00 (at 01:00 UTC).
TEST(Cron, ANamedHourThatComesTwiceRunsOnce) {
  EXPECT_EQ(runs(cron("30 2 * * *", "Europe/Berlin"), at(2027, 10, 30, 12), 2),
            (Moments{"2027-10-31T00:30", "2027-11-01T01:30"}));
}

TEST(Cron, EveryHourGoesOnInRealTimeWhenTheClockChanges) {
  EXPECT_EQ(runs(cron("30 * * * *", "Europe/Berlin"), at(2027, 3, 27, 23, 45), 3),
            (Moments{"2027-03-28T00:30", "2027-03-28T01:30", "2027-03-28T02:30"}));
  EXPECT_EQ(runs(cron("30 * * * *", "Europe/Berlin"), at(2027, 10, 30, 23, 45), 3),
            (Moments{"2027-10-31T00:30", "2027-10-31T01:30", "2027-10-31T02:30"}));
}

// Over ten years in a zone with changes: always forward, never two for one, and as many as there are days.
TEST(Cron, NeverStandsStillNorMissesADay) {
  const Cron daily = cron("30 2 * * *", "America/New_York");
  TimePoint now = at(2026, 1, 1);
  int count = 0;
  for (; now < at(2036, 1, 1); ++count) {
    const auto next = daily.next(now);
    ASSERT_TRUE(next);
    ASSERT_GT(*next, now);
    ASSERT_LE(*next - now, hours(32));
    now = *next;
  }
  EXPECT_EQ(count, 365 * 10 + 2 + 1) << "two leap days, and the one that ended the loop";
}

TEST(Cron, SaysWhichFieldIsWrongAndWhy) {
  EXPECT_EQ(error_of("60 * * * *"), "the minute \"60\" is not from 0 to 59");
  EXPECT_EQ(error_of("0 3 * * mo"), "the day of the week \"mo\" is not from 0 to 7, or sun to sat");
  EXPECT_EQ(error_of("0 9-8 * * *"), "the hour \"9-8\" ends before it begins");
  EXPECT_EQ(error_of("*/0 * * * *"), "the minute \"*/0\" has no step that is a number above 0");
  EXPECT_EQ(error_of("0,,5 * * * *"), "the minute \"0,,5\" has an empty place in its list");
  EXPECT_EQ(error_of("-5 * * * *"), "the minute \"-5\" is not from 0 to 59");
  EXPECT_THAT(error_of("0 3 * *"), HasSubstr("has 4 fields, and five are wanted"));
  EXPECT_THAT(error_of(""), HasSubstr("has 0 fields"));
  EXPECT_THAT(error_of("@often"), HasSubstr("@hourly"));
  EXPECT_THAT(error_of("0 0 30 2 *"), HasSubstr("never comes"));
  EXPECT_THAT(error_of("0 0 * * *", "Europe/Berlinn"), HasSubstr("no time zone \"Europe/Berlinn\""));
}

TEST(Cron, IsToldInWords) {
  EXPECT_EQ(cron("0 3 * * mon", "Europe/Berlin").in_words(), "every Monday at 03:00 (Europe/Berlin)");
  EXPECT_EQ(cron("30 2,14 * * *").in_words(), "every day at 02:30 and 14:30 (UTC)");
  EXPECT_EQ(cron("*/15 * * * mon-fri").in_words(), "every day from Monday to Friday, every 15 minutes (UTC)");
  EXPECT_EQ(cron("5 * * * *").in_words(), "every hour at minute 5 (UTC)");
  EXPECT_EQ(cron("0 0 1 1,7 *").in_words(), "on day 1 of the month in January and July at 00:00 (UTC)");
  EXPECT_EQ(cron("0 0 13 * fri").in_words(), "every Friday and on day 13 of the month at 00:00 (UTC)");
}

}  // namespace
}  // namespace totpilot::schedule

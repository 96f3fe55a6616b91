#include "agent/schedule/blackout.h"

#include <gmock/gmock.h>

namespace totpilot::schedule {
namespace {

using namespace std::chrono;
using testing::HasSubstr;

TimePoint moment(int year, unsigned month, unsigned day, int hour = 0, int minute = 0) {
  return sys_days(std::chrono::year(year) / month / day) + hours(hour) + minutes(minute);
}

Blackout blackout(const std::vector<std::string>& windows, std::string_view zone = "UTC") {
  auto parsed = Blackout::parse(windows, zone);
  EXPECT_TRUE(parsed) << parsed.error();
  return *std::move(parsed);
}

std::string refusal(const std::vector<std::string>& windows, std::string_view zone = "UTC") {
  const auto parsed = Blackout::parse(windows, zone);
  return parsed ? "none" : parsed.error();
}

TEST(Blackout, HoldsBackUntilItsWindowEnds) {
  const Blackout office = blackout({"mon-fri 08:00-18:00"});
  EXPECT_EQ(office.out_of(moment(2026, 11, 24, 9, 30)), moment(2026, 11, 24, 18));  // a Tuesday
  EXPECT_EQ(office.out_of(moment(2026, 11, 24, 18)), moment(2026, 11, 24, 18));
  EXPECT_EQ(office.out_of(moment(2026, 11, 28, 9, 30)), moment(2026, 11, 28, 9, 30));
}

TEST(Blackout, AWindowOverMidnightBelongsToTheDayItBeginsOn) {
  const Blackout night = blackout({"sat 22:00-06:00"});
  EXPECT_EQ(night.out_of(moment(2026, 11, 29, 3)), moment(2026, 11, 29, 6));
  EXPECT_EQ(night.out_of(moment(2026, 11, 28, 3)), moment(2026, 11, 28, 3));
}

TEST(Blackout, WindowsThatTouchAreOne) {
  EXPECT_EQ(blackout({"sat 12:00-24:00", "sun-mon 00:00-24:00"}).out_of(moment(2026, 11, 28, 13)), moment(2026, 12, 1));
}

TEST(Blackout, EndsByTheLocalClockOnTheDayItIsPutForward) {
  // 28 March 2027: 02:00 is 03:00 in Berlin, and 05:00 comes an hour sooner.
  EXPECT_EQ(blackout({"22:00-05:00"}, "Europe/Berlin").out_of(moment(2027, 3, 27, 23)), moment(2027, 3, 28, 3));
  EXPECT_EQ(blackout({"22:00-02:30"}, "Europe/Berlin").out_of(moment(2027, 3, 27, 23)), moment(2027, 3, 28, 1));
}

TEST(Blackout, EndsOnceOnTheDayTheClockIsPutBack) {
  // 31 October 2027: 02:30 comes twice in Berlin; the window holds until the second.
  EXPECT_EQ(blackout({"22:00-02:30"}, "Europe/Berlin").out_of(moment(2027, 10, 30, 23)), moment(2027, 10, 31, 1, 30));
}

TEST(Blackout, SaysWhichWindowIsWrongAndWhy) {
  EXPECT_THAT(refusal({"8-18"}), HasSubstr("\"8-18\" has no hours like 22:00-06:00"));
  EXPECT_THAT(refusal({"moon 08:00-18:00"}), HasSubstr("names days"));
  EXPECT_THAT(refusal({"08:00-08:00"}), HasSubstr("00:00-24:00"));
  EXPECT_THAT(refusal({"00:00-24:00"}), HasSubstr("leave no time"));
  EXPECT_THAT(refusal({"25:00-26:00"}), HasSubstr("has no hours"));
  EXPECT_THAT(refusal({}, "Mars/Phobos"), HasSubstr("no time zone"));
}

}  // namespace
}  // namespace totpilot::schedule

#pragma once
// Cron: when something is due, by a cron expression read in a time zone. Pure: time is an argument.
#include <bitset>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/clock.h"

namespace date {
class time_zone;
}

namespace totpilot::schedule {

class Cron {
 public:
  /// `expression`: minute, hour, day of month, month, day of week, each `*`, values, ranges (`1-5`, `mon-fri`), lists
  /// (`0,30`) or steps (`*/15`, `8-18/2`); days of the week from 0 (Sunday) to 7 (Sunday again), or sun..sat; months 1
  /// to 12 or jan..dec; or @hourly, @daily, @weekly, @monthly, @yearly. Where both days are restricted, either will do,
  /// as in crontab(5). `zone`: a name of the tz database ("Europe/Berlin", "UTC"). The error says which field, and why.
  static std::expected<Cron, std::string> parse(std::string_view expression, std::string_view zone);

  /// The first moment after `after`; whole minutes of local time. Nothing where none ever comes (30 February).
  /// What a clock change does is in the room's README.
  std::optional<TimePoint> next(TimePoint after) const;

  /// "every Monday at 03:00 (Europe/Berlin)".
  std::string in_words() const;

  const std::string& expression() const { return expression_; }
  std::string zone() const;

 private:
  struct Day {
    int year;
    unsigned month;
    unsigned day;
    unsigned weekday;
  };
  bool runs_on(const Day& day) const;
  std::string days_in_words() const;
  std::string times_in_words() const;

  std::string expression_;
  const date::time_zone* zone_ = nullptr;
  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;
  std::bitset<13> months_;
  std::bitset<7> weekdays_;
  bool any_hour_ = false;  // the field begins with "*": real time
  bool any_day_ = false;
  bool any_weekday_ = false;
};

}  // namespace totpilot::schedule

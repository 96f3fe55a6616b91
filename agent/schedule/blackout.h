#pragma once
// Blackout: the hours of a week, in a time zone, in which nothing is begun. Pure: time is an argument.
#include <bitset>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/clock.h"

namespace date {
class time_zone;
}

namespace totpilot::schedule {

class Blackout {
 public:
  /// Each window: hours ("22:00-06:00", into the next day), after days if not all are meant ("mon-fri 08:00-18:00",
  /// "sat,sun 00:00-24:00"). The error says which window, and why; one that leaves no time at all is refused.
  static std::expected<Blackout, std::string> parse(const std::vector<std::string>& windows, std::string_view zone);

  bool holds(TimePoint at) const;
  /// `at` itself, or the end of the windows that hold it back.
  TimePoint out_of(TimePoint at) const;

 private:
  static constexpr std::size_t kWeek = 7 * 24 * 60;
  const date::time_zone* zone_ = nullptr;
  std::bitset<kWeek> closed_;  // local minutes, from Sunday 00:00
};

}  // namespace totpilot::schedule

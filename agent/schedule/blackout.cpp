#include "agent/schedule/blackout.h"

#include <date/tz.h>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <ranges>

namespace totpilot::schedule {
namespace {

using namespace std::chrono_literals;

constexpr int kDayMinutes = 24 * 60;
constexpr std::array<std::string_view, 7> kDayNames = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct Window {
  std::bitset<7> days;
  int from = 0;  // minutes of the day
  int to = 0;    // not beyond `from`: of the day after
};

std::unexpected<std::string> not_a_window(std::string_view text, std::string_view why) {
  return std::unexpected(fmt::format("the window \"{}\" {}", text, why));
}

/// Minutes of "08:00"; 24:00 is the day's end.
std::optional<int> minutes_of(std::string_view text) {
  int hour = 0;
  int minute = 0;
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hours = std::from_chars(text.data(), text.data() + 2, hour);
  const auto minutes = std::from_chars(text.data() + 3, text.data() + 5, minute);
  if (hours.ptr != text.data() + 2 || minutes.ptr != text.data() + 5) return std::nullopt;
  if (hour < 0 || minute < 0 || minute > 59 || hour * 60 + minute > kDayMinutes) return std::nullopt;
  return hour * 60 + minute;
}

std::optional<std::size_t> day_of(std::string_view text) {
  for (std::size_t day = 0; day < kDayNames.size(); ++day)
    if (text == kDayNames.at(day)) return day;
  return std::nullopt;
}

/// "mon-fri,sun"; a range may go over the week's end.
std::optional<std::bitset<7>> days_of(std::string_view text) {
  std::bitset<7> days;
  for (const auto part : std::views::split(text, ',')) {
    const std::string_view range(part.begin(), part.end());
    const std::size_t dash = range.find('-');
    const auto first = day_of(range.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : day_of(range.substr(dash + 1));
    if (!first || !last) return std::nullopt;
    for (std::size_t day = *first;; day = (day + 1) % 7) {
      days.set(day);
      if (day == *last) break;
    }
  }
  return days;
}

std::expected<Window, std::string> window_of(std::string_view text) {
  Window window{.days = std::bitset<7>().set()};
  std::string_view hours = text;
  if (const std::size_t space = text.find(' '); space != std::string_view::npos) {
    const auto days = days_of(text.substr(0, space));
    if (!days) return not_a_window(text, "names days otherwise than sun, mon, ... sat, as in mon-fri");
    window.days = *days;
    hours = text.substr(space + 1);
  }
  const std::size_t dash = hours.find('-');
  const auto from = minutes_of(hours.substr(0, dash));
  const auto to = dash == std::string_view::npos ? std::nullopt : minutes_of(hours.substr(dash + 1));
  if (!from || !to || *from == kDayMinutes) return not_a_window(text, "has no hours like 22:00-06:00");
  if (*from == *to) return not_a_window(text, "ends when it begins; a whole day is 00:00-24:00");
  window.from = *from;
  window.to = *to;
  return window;
}

const date::time_zone* zone_of(std::string_view name) {
  try {
    return date::locate_zone(std::string(name));
  } catch (const std::runtime_error&) {
    return nullptr;
  }
}

std::size_t minute_of_week(date::local_time<std::chrono::milliseconds> local) {
  const auto day = date::floor<date::days>(local);
  const auto minutes = std::chrono::floor<std::chrono::minutes>(local - day);
  return date::weekday(day).c_encoding() * kDayMinutes + static_cast<std::size_t>(minutes.count());
}

}  // namespace

std::expected<Blackout, std::string> Blackout::parse(const std::vector<std::string>& windows, std::string_view zone) {
  Blackout blackout;
  blackout.zone_ = zone_of(zone);
  if (blackout.zone_ == nullptr) return std::unexpected(fmt::format("there is no time zone \"{}\"", zone));
  for (const std::string& text : windows) {
    const auto window = window_of(text);
    if (!window) return std::unexpected(window.error());
    const int length = window->to - window->from + (window->to > window->from ? 0 : kDayMinutes);
    for (std::size_t day = 0; day < 7; ++day)
      for (int minute = 0; window->days.test(day) && minute < length; ++minute)
        blackout.closed_.set((day * kDayMinutes + static_cast<std::size_t>(window->from + minute)) % kWeek);
  }
  if (blackout.closed_.all()) return std::unexpected("the windows leave no time of the week");
  return blackout;
}

bool Blackout::holds(TimePoint at) const { return closed_.test(minute_of_week(zone_->to_local(at))); }

TimePoint Blackout::out_of(TimePoint at) const {
  // More than once only where a clock change leads back into a window.
  while (holds(at)) {
    auto local = date::floor<std::chrono::minutes>(zone_->to_local(at));
    while (closed_.test(minute_of_week(local))) local += 1min;
    const TimePoint end = zone_->to_sys(local, date::choose::latest);
    at = end > at ? end : at + 1min;
  }
  return at;
}

}  // namespace totpilot::schedule

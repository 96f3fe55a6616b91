#include "agent/schedule/cron.h"

#include <date/tz.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <map>
#include <set>

namespace totpilot::schedule {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 7> kWeekdays = {"sunday",   "monday", "tuesday", "wednesday",
                                                       "thursday", "friday", "saturday"};
constexpr std::array<std::string_view, 12> kMonths = {"january",   "february", "march",    "april",
                                                      "may",       "june",     "july",     "august",
                                                      "september", "october",  "november", "december"};

/// One field of the expression: what it may hold.
struct FieldKind {
  std::string_view name;
  int lowest;
  int highest;
  std::span<const std::string_view> names;  // by their first three letters; the first has the number `first_name`
  int first_name;
};

const std::array<FieldKind, 5> kFields = {{{"minute", 0, 59, {}, 0},
                                           {"hour", 0, 23, {}, 0},
                                           {"day of the month", 1, 31, {}, 0},
                                           {"month", 1, 12, kMonths, 1},
                                           {"day of the week", 0, 7, kWeekdays, 0}}};

const std::map<std::string_view, std::string_view> kShorthands = {
    {"@hourly", "0 * * * *"},  {"@daily", "0 0 * * *"},  {"@midnight", "0 0 * * *"}, {"@weekly", "0 0 * * 0"},
    {"@monthly", "0 0 1 * *"}, {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}};

/// A restriction that can never be met (30 February) is given up after the longest cycle of leap years and weekdays.
constexpr int kDaysSearched = 366 * 29;

std::string lowered(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  for (std::size_t at = text.find_first_not_of(separators); at != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(separators, at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = text.find_first_not_of(separators, end);
  }
  return parts;
}

std::optional<int> number_in(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.front() == '-') return std::nullopt;
  return value;
}

/// Reads one field into the numbers it allows.
class FieldReader {
 public:
  explicit FieldReader(const FieldKind& kind) : kind_(kind) {}

  std::expected<std::set<int>, std::string> read(std::string_view text) const {
    std::set<int> values;
    if (text.empty() || text.front() == ',' || text.back() == ',' || text.find(",,") != std::string_view::npos)
      return wrong(text, "has an empty place in its list");
    for (const std::string_view part : split(text, ",")) {
      const auto found = read_part(part);
      if (!found) return std::unexpected(found.error());
      values.insert(found->begin(), found->end());
    }
    return values;
  }

 private:
  std::unexpected<std::string> wrong(std::string_view text, std::string_view why) const {
    return std::unexpected(fmt::format("the {} \"{}\" {}", kind_.name, text, why));
  }

  std::expected<std::set<int>, std::string> read_part(std::string_view part) const {
    const std::size_t slash = part.find('/');
    const std::string_view range = part.substr(0, slash);
    std::optional<int> step = 1;
    if (slash != std::string_view::npos) step = number_in(part.substr(slash + 1));
    if (!step || *step == 0) return wrong(part, "has no step that is a number above 0");
    int from = kind_.lowest;
    int to = kind_.highest;
    if (range != "*") {
      const std::size_t dash = range.find('-');
      const auto first = value_of(range.substr(0, dash));
      if (!first) return wrong(part, fmt::format("is not from {} to {}{}", kind_.lowest, kind_.highest, names()));
      from = *first;
      to = slash == std::string_view::npos ? from : kind_.highest;
      if (dash != std::string_view::npos) {
        const auto last = value_of(range.substr(dash + 1));
        if (!last) return wrong(part, fmt::format("is not from {} to {}{}", kind_.lowest, kind_.highest, names()));
        to = *last;
        // "fri-sun" ends on the Sunday after.
        if (to == 0 && kind_.highest == 7) to = 7;
      }
      if (to < from) return wrong(part, "ends before it begins");
    }
    std::set<int> values;
    for (int value = from; value <= to; value += *step) values.insert(value);
    return values;
  }

  std::optional<int> value_of(std::string_view text) const {
    if (text.empty()) return std::nullopt;
    if (const auto number = number_in(text))
      return *number >= kind_.lowest && *number <= kind_.highest ? number : std::nullopt;
    const std::string name = lowered(text);
    for (std::size_t i = 0; i < kind_.names.size(); ++i)
      if (name == kind_.names[i] || name == kind_.names[i].substr(0, 3)) return kind_.first_name + static_cast<int>(i);
    return std::nullopt;
  }

  std::string names() const {
    if (kind_.names.empty()) return "";
    return fmt::format(", or {} to {}", kind_.names.front().substr(0, 3), kind_.names.back().substr(0, 3));
  }

  const FieldKind& kind_;
};

template <std::size_t N>
std::vector<int> members(const std::bitset<N>& set) {
  std::vector<int> out;
  for (std::size_t i = 0; i < N; ++i)
    if (set.test(i)) out.push_back(static_cast<int>(i));
  return out;
}

std::string listed(const std::vector<std::string>& words) {
  if (words.size() == 1) return words.front();
  return fmt::format("{} and {}", fmt::join(words.begin(), words.end() - 1, ", "), words.back());
}

std::string capitalized(std::string_view word) {
  std::string out(word);
  out.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(out.front())));
  return out;
}

std::string numbers(const std::vector<int>& values) {
  std::vector<std::string> words(values.size());
  std::ranges::transform(values, words.begin(), [](int value) { return std::to_string(value); });
  return listed(words);
}

/// The step of values that run evenly from 0 to the end of `whole`: 15 of 0, 15, 30, 45.
std::optional<int> even_step(const std::vector<int>& values, int whole) {
  if (values.size() < 2 || values.front() != 0) return std::nullopt;
  const int step = values[1];
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i] != static_cast<int>(i) * step) return std::nullopt;
  return whole % step == 0 && static_cast<int>(values.size()) == whole / step ? std::optional(step) : std::nullopt;
}

/// "Monday", "Monday and Friday", "day from Monday to Friday".
std::string weekdays_in_words(const std::vector<int>& weekdays) {
  const auto name = [](int weekday) { return capitalized(kWeekdays.at(static_cast<std::size_t>(weekday))); };
  const int span = weekdays.back() - weekdays.front() + 1;
  if (weekdays.size() >= 3 && span == static_cast<int>(weekdays.size()))
    return fmt::format("day from {} to {}", name(weekdays.front()), name(weekdays.back()));
  std::vector<std::string> names(weekdays.size());
  std::ranges::transform(weekdays, names.begin(), name);
  return listed(names);
}

}  // namespace

std::expected<Cron, std::string> Cron::parse(std::string_view expression, std::string_view zone) {
  Cron cron;
  std::vector<std::string_view> fields = split(expression, " \t");
  cron.expression_ = fmt::format("{}", fmt::join(fields, " "));
  if (fields.size() == 1 && fields.front().front() == '@') {
    const auto known = kShorthands.find(lowered(fields.front()));
    if (known == kShorthands.end())
      return std::unexpected(fmt::format("{} is none of @hourly, @daily, @weekly, @monthly, @yearly", fields.front()));
    fields = split(known->second, " ");
  }
  if (fields.size() != kFields.size())
    return std::unexpected(
        fmt::format("\"{}\" has {} {}, and five are wanted: minute, hour, day of the month, month, day of the week",
                    cron.expression_, fields.size(), fields.size() == 1 ? "field" : "fields"));
  std::array<std::set<int>, kFields.size()> values;
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    auto read = FieldReader(kFields[i]).read(fields[i]);
    if (!read) return std::unexpected(read.error());
    values[i] = std::move(*read);
  }
  for (const int minute : values[0]) cron.minutes_.set(static_cast<std::size_t>(minute));
  for (const int hour : values[1]) cron.hours_.set(static_cast<std::size_t>(hour));
  for (const int day : values[2]) cron.days_.set(static_cast<std::size_t>(day));
  for (const int month : values[3]) cron.months_.set(static_cast<std::size_t>(month));
  for (const int weekday : values[4]) cron.weekdays_.set(static_cast<std::size_t>(weekday % 7));
  cron.any_hour_ = fields[1].front() == '*';
  cron.any_day_ = fields[2].front() == '*';
  cron.any_weekday_ = fields[4].front() == '*';
  try {
    cron.zone_ = date::locate_zone(std::string(zone));
  } catch (const std::runtime_error&) {
    return std::unexpected(
        fmt::format("there is no time zone \"{}\"; zones are named as \"Europe/Berlin\" or \"UTC\"", zone));
  }
  if (!cron.next(TimePoint(946684800000ms)))
    return std::unexpected(fmt::format("\"{}\" never comes", cron.expression_));
  return cron;
}

std::string Cron::zone() const { return zone_->name(); }

bool Cron::runs_on(const Day& day) const {
  if (!months_.test(day.month)) return false;
  const bool by_day = days_.test(day.day);
  const bool by_weekday = weekdays_.test(day.weekday);
  return any_day_ || any_weekday_ ? by_day && by_weekday : by_day || by_weekday;
}

std::optional<TimePoint> Cron::next(TimePoint after) const {
  const auto here = date::floor<date::days>(zone_->to_local(after));
  // From the day before: a clock that is put back over midnight makes yesterday's late times come again.
  for (date::local_days day = here - date::days(1); day < here + date::days(kDaysSearched); day += date::days(1)) {
    const date::year_month_day calendar(day);
    if (!runs_on({static_cast<int>(calendar.year()), static_cast<unsigned>(calendar.month()),
                  static_cast<unsigned>(calendar.day()), date::weekday(day).c_encoding()}))
      continue;
    std::optional<TimePoint> earliest;
    const auto offer = [&](date::sys_seconds moment) {
      if (moment > after && (!earliest || moment < *earliest)) earliest = moment;
    };
    for (const int hour : members(hours_)) {
      for (const int minute : members(minutes_)) {
        const date::local_seconds local = day + std::chrono::hours(hour) + std::chrono::minutes(minute);
        const date::local_info info = zone_->get_info(local);
        if (info.result == date::local_info::nonexistent) {
          if (!any_hour_) offer(info.first.end);
          continue;
        }
        offer(date::sys_seconds(local.time_since_epoch() - info.first.offset));
        if (info.result == date::local_info::ambiguous && any_hour_)
          offer(date::sys_seconds(local.time_since_epoch() - info.second.offset));
      }
    }
    if (earliest) return earliest;
  }
  return std::nullopt;
}

std::string Cron::in_words() const {
  const std::string days = days_in_words();
  const std::string times = times_in_words();
  const bool repeats = times.starts_with("every");
  // "every day every 15 minutes" says one thing twice.
  if (days == "every day" && repeats) return fmt::format("{} ({})", times, zone());
  return fmt::format("{}{} {} ({})", days, repeats ? "," : "", times, zone());
}

std::string Cron::days_in_words() const {
  std::vector<std::string> months;
  for (const int month : members(months_))
    months.push_back(capitalized(kMonths.at(static_cast<std::size_t>(month - 1))));
  const bool every_weekday = weekdays_.all();
  const bool every_day = days_.count() == 31;
  const std::string dates = fmt::format("day {} of the month", numbers(members(days_)));
  const std::string by_weekday = "every " + weekdays_in_words(members(weekdays_));
  std::string days;
  if (every_day && every_weekday) {
    days = "every day";
  } else if (every_day) {
    days = by_weekday;
  } else if (every_weekday) {
    days = "on " + dates;
  } else {
    days = by_weekday + (any_day_ || any_weekday_ ? " that is " : " and on ") + dates;
  }
  return months.size() == kMonths.size() ? days : fmt::format("{} in {}", days, listed(months));
}

std::string Cron::times_in_words() const {
  const std::vector<int> hours = members(hours_);
  const std::vector<int> minutes = members(minutes_);
  if (hours.size() * minutes.size() <= 6) {
    std::vector<std::string> times;
    for (const int hour : hours)
      for (const int minute : minutes) times.push_back(fmt::format("{:02}:{:02}", hour, minute));
    return "at " + listed(times);
  }
  std::string within;
  if (minutes.size() == 60) {
    within = "every minute";
  } else if (const auto step = even_step(minutes, 60)) {
    within = fmt::format("every {} minutes", *step);
  } else {
    within = fmt::format("at minute {}", numbers(minutes));
  }
  if (hours.size() == 24) return minutes.size() == 1 ? fmt::format("every hour {}", within) : within;
  if (const auto step = even_step(hours, 24)) return fmt::format("{} of every {}th hour", within, *step);
  return fmt::format("{} of the hours {}", within, numbers(hours));
}

}  // namespace totpilot::schedule

#include "agent/cli/output.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "agent/base/redactor.h"
#include "agent/cli/terminal.h"

namespace totpilot::cli {
namespace {

/// https://no-color.org: any non-empty value switches colour off.
bool colour_wanted(Stream stream) {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool dumb = term == nullptr || std::string_view(term) == "dumb";
  return is_terminal(stream) && !dumb && (no_colour == nullptr || *no_colour == '\0');
}

/// Much of what is printed exists once: where it cannot be delivered, the command has failed.
void put_result(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd wanted{STDOUT_FILENO, POLLOUT, 0};
      ::poll(&wanted, 1, -1);
    } else if (errno != EINTR) {
      throw Failure(Outcome::kStorageFailed,
                    fmt::format("standard output cannot be written ({})", std::strerror(errno)),
                    "what the command did stands, only its answer is lost: make room, or write elsewhere");
    }
  }
}

void put_aside(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

std::string_view code_of(Tint tint) {
  switch (tint) {
    case Tint::kGood:
      return "\x1b[32m";
    case Tint::kBad:
      return "\x1b[31m";
    case Tint::kCaution:
      return "\x1b[33m";
    case Tint::kFaint:
      return "\x1b[2m";
    case Tint::kStrong:
      return "\x1b[1m";
  }
  return "";
}

/// Terminal columns, near enough: one for each UTF-8 sequence.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string dump(const nlohmann::ordered_json& document) {
  return document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

Output::Output(Shape shape, Loudness loudness)
    : shape_(shape),
      loudness_(loudness),
      colour_output_(colour_wanted(Stream::kOutput)),
      colour_error_(colour_wanted(Stream::kError)) {}

void Output::document(nlohmann::ordered_json body) {
  if (!json()) return;
  nlohmann::ordered_json whole{{"outcome", outcome_name(Outcome::kOk)}};
  whole.update(body);
  const auto outcome = outcome_from_name(whole["outcome"].get<std::string>());
  whole["exit_code"] = outcome_info(outcome.value_or(Outcome::kInternal)).exit_code;
  answered_ = true;
  put_result(dump(whole));
}

void Output::line(std::string_view text) {
  if (!json()) put_result(std::string(text) + "\n");
}

void Output::table(const std::vector<std::vector<std::string>>& rows) {
  if (json() || rows.empty()) return;
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns(row[i]));
  bool heading = true;
  for (const auto& row : rows) {
    std::string text;
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      if (i + 1 < row.size()) text.append(widths[i] - columns(row[i]) + 2, ' ');
    }
    line(heading ? on_output(Tint::kStrong, text) : text);
    heading = false;
  }
}

void Output::raw(std::string_view bytes) { put_result(bytes); }

void Output::note(std::string_view text) {
  if (loudness_ != Loudness::kQuiet && !json()) put_aside(std::string(text) + "\n");
}

void Output::warn(std::string_view text) {
  put_aside(fmt::format("{} {}\n", on_error(Tint::kCaution, "warning:"), printable(text)));
}

void Output::failure(const Failure& failure, nlohmann::ordered_json extra) {
  if (json() && answer_failure(failure, extra)) return;
  const Redactor& redactor = Redactor::global();
  std::string text = fmt::format("{} {}", on_error(Tint::kBad, std::string(outcome_name(failure.code())) + ":"),
                                 printable(redactor.redact(failure.message())));
  if (failure.position()) text += fmt::format("\n  at {}", printable(to_string(*failure.position())));
  text += fmt::format("\n  {} {}\n", on_error(Tint::kFaint, "next:"), printable(redactor.redact(failure.hint())));
  put_aside(text);
}

bool Output::answer_failure(const Failure& failure, const nlohmann::ordered_json& extra) {
  if (std::exchange(answered_, true)) return false;
  nlohmann::ordered_json whole = to_json(failure);
  whole.update(extra);
  try {
    put_result(dump(whole));
    return true;
  } catch (const Failure&) {
    return false;
  }
}

std::string Output::tinted(bool coloured, Tint tint, std::string_view text) {
  if (!coloured) return std::string(text);
  return fmt::format("{}{}\x1b[0m", code_of(tint), text);
}

nlohmann::ordered_json to_json(const Failure& failure) {
  const OutcomeInfo& info = outcome_info(failure.code());
  const Redactor& redactor = Redactor::global();
  nlohmann::ordered_json position;
  if (failure.position())
    position = {
        {"file", failure.position()->file}, {"line", failure.position()->line}, {"column", failure.position()->column}};
  return {{"outcome", info.name},
          {"message", redactor.redact(failure.message())},
          {"hint", redactor.redact(failure.hint())},
          {"position", position},
          {"retry", retry_class_name(info.retry)},
          {"exit_code", info.exit_code}};
}

std::string for_people(std::chrono::milliseconds span) {
  const auto millis = span.count();
  if (millis < 1000) return fmt::format("{} ms", millis);
  if (millis < 60'000) return fmt::format("{:.1f} s", static_cast<double>(millis) / 1000.0);
  if (millis < 3'600'000) return fmt::format("{} min {} s", millis / 60'000, millis / 1000 % 60);
  if (millis < 48 * 3'600'000LL) return fmt::format("{} h {} min", millis / 3'600'000, millis / 60'000 % 60);
  return fmt::format("{} days", millis / 86'400'000);
}

std::string printable(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // C1 controls are two bytes in UTF-8 (C2 80 to C2 9F) and steer terminals like ESC does.
    const bool c1 = byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c1) ++i;
    if (c1 || (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F) {
      clean += '?';
      continue;
    }
    clean += text[i];
  }
  return clean;
}

}  // namespace totpilot::cli

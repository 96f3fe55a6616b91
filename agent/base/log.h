#pragma once
// The log: spdlog to standard error (and a file if asked), every line through the redactor. Any thread.
#include <fmt/format.h>

#include <string>
#include <string_view>

namespace totpilot::log {

enum class Level { kDebug, kInfo, kWarn, kError };
enum class Format { kText, kJson };

struct Settings {
  Level level = Level::kWarn;
  Format format = Format::kText;
  std::string file;  // empty: standard error
};

/// Once, at the start of main; before it, warnings and errors go to standard error as text. invalid_input for a file
/// that cannot be written.
void setup(const Settings& settings);
void write(Level level, std::string_view message);

template <class... Args>
void debug(fmt::format_string<Args...> text, Args&&... args) {
  write(Level::kDebug, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void info(fmt::format_string<Args...> text, Args&&... args) {
  write(Level::kInfo, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void warn(fmt::format_string<Args...> text, Args&&... args) {
  write(Level::kWarn, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void error(fmt::format_string<Args...> text, Args&&... args) {
  write(Level::kError, fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace totpilot::log

#include "agent/base/log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

#include "agent/base/encoding.h"
#include "agent/base/failure.h"
#include "agent/base/redactor.h"

namespace totpilot::log {
namespace {

struct State {
  std::shared_ptr<spdlog::logger> logger =
      std::make_shared<spdlog::logger>("totpilot", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  Format format = Format::kText;
};

State& state() {
  static State* instance = [] {
    auto* made = new State;
    made->logger->set_level(spdlog::level::warn);
    made->logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    return made;
  }();
  return *instance;
}

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarn:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

/// One line whatever the message holds, so that nobody can forge a second one.
std::string one_line(std::string_view message) { return json_escape(Redactor::global().redact(message)); }

spdlog::sink_ptr file_sink(const std::string& file) {
  try {
    return std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
  } catch (const spdlog::spdlog_ex&) {
    throw Failure(Outcome::kInvalidInput, fmt::format("log.file: {} cannot be written", file),
                  "name a file in a directory that is there and may be written, or leave log.file out");
  }
}

}  // namespace

void setup(const Settings& settings) {
  State& target = state();
  if (!settings.file.empty()) target.logger = std::make_shared<spdlog::logger>("totpilot", file_sink(settings.file));
  target.format = settings.format;
  target.logger->set_level(to_spdlog(settings.level));
  target.logger->flush_on(spdlog::level::info);
  const bool json = settings.format == Format::kJson;
  target.logger->set_pattern(
      json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":"%v"})" : "%Y-%m-%dT%H:%M:%S.%eZ %l %v",
      spdlog::pattern_time_type::utc);
}

void write(Level level, std::string_view message) {
  if (!state().logger->should_log(to_spdlog(level))) return;
  // A message is data, never a format.
  state().logger->log(to_spdlog(level), "{}", one_line(message));
}

}  // namespace totpilot::log

#pragma once
// The command line of Chrome: quiet, nothing of its own on the network, sandbox on, DevTools on the pipe.
#include <filesystem>
#include <string>
#include <vector>

#include "agent/browser/browser_port.h"

namespace totpilot::chrome {

enum class Display { kHeadless, kHeaded };

struct Program {
  std::filesystem::path path{};  // empty: Debian's headless shell, or its full Chromium for kHeaded
  Display display = Display::kHeadless;
  browser::Graphics graphics = browser::Graphics::kNo3d;
};

/// Not the wrapper scripts in /usr/bin: they read the user's files and add flags.
std::filesystem::path program_path(const Program& program);
std::vector<std::string> command_line(const Program& program);
/// What a headed browser needs of our environment to find the screen; nothing for a headless one.
std::vector<std::string> environment(const Program& program);
/// The file that holds the display's cookie, as X clients look for it; empty for a headless browser.
std::filesystem::path x_cookie(const Program& program);

}  // namespace totpilot::chrome

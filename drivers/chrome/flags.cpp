#include "drivers/chrome/flags.h"

#include <cstdlib>

#include "drivers/launcher/protocol.h"

namespace totpilot::chrome {
namespace {

constexpr const char* kDisabledFeatures =
    "--disable-features=AcceptCHFrame,AutofillServerCommunication,CertificateTransparencyComponentUpdater,"
    "DestroyProfileOnBrowserClose,DialMediaRouteProvider,GlobalMediaControls,HttpsUpgrades,"
    "InterestFeedContentSuggestions,LensOverlay,MediaRouter,OptimizationHints,PaintHolding,"
    "PasswordManagerOnboarding,Translate";

}  // namespace

std::filesystem::path program_path(const Program& program) {
  if (!program.path.empty()) return program.path;
  return program.display == Display::kHeaded ? "/usr/lib/chromium/chromium"
                                             : "/usr/lib/chromium/chromium-headless-shell";
}

std::vector<std::string> command_line(const Program& program) {
  std::vector<std::string> flags = {
      "--remote-debugging-pipe",
      std::string("--user-data-dir=") + launcher::kProfileInside,
      "--no-startup-window",
      "--no-first-run",
      "--no-default-browser-check",
      "--no-pings",
      // Nothing of the browser's own goes to the network, and nothing of the page's by a way we do not see.
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-default-apps",
      "--disable-domain-reliability",
      "--disable-extensions",
      "--disable-quic",
      "--disable-sync",
      "--metrics-recording-only",
      "--dns-prefetch-disable",
      "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
      // No crash files: they hold memory.
      "--disable-breakpad",
      "--disable-crash-reporter",
      // Pages behave the same whether or not somebody looks.
      "--disable-background-timer-throttling",
      "--disable-backgrounding-occluded-windows",
      "--disable-renderer-backgrounding",
      "--disable-ipc-flooding-protection",
      "--disable-hang-monitor",
      "--disable-prompt-on-repost",
      "--disable-client-side-phishing-detection",
      "--password-store=basic",
      "--use-mock-keychain",
      "--hide-scrollbars",
      "--mute-audio",
      "--force-color-profile=srgb",
      kDisabledFeatures,
  };
  if (program.graphics == browser::Graphics::kNo3d) {
    flags.emplace_back("--disable-3d-apis");
    if (program.display == Display::kHeadless) flags.emplace_back("--disable-gpu");
  } else if (program.display == Display::kHeadless) {
    // Servers have no graphics card; Chrome draws WebGL in software only when told to.
    flags.emplace_back("--use-angle=swiftshader");
    flags.emplace_back("--enable-unsafe-swiftshader");
  }
  return flags;
}

std::vector<std::string> environment(const Program& program) {
  std::vector<std::string> variables;
  if (const char* zone = std::getenv("TZ")) variables.push_back(std::string("TZ=") + zone);
  if (program.display == Display::kHeadless) return variables;
  for (const char* name : {"DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR"}) {
    if (const char* value = std::getenv(name)) variables.push_back(std::string(name) + "=" + value);
  }
  variables.push_back(std::string("XAUTHORITY=") + launcher::kXCookieInside);
  return variables;
}

std::filesystem::path x_cookie(const Program& program) {
  if (program.display == Display::kHeadless) return {};
  if (const char* file = std::getenv("XAUTHORITY")) return file;
  const char* home = std::getenv("HOME");
  return home != nullptr ? std::filesystem::path(home) / ".Xauthority" : std::filesystem::path();
}

}  // namespace totpilot::chrome

// totpilot: wires the agent to its drivers. The only file that sees both.
#include <sys/stat.h>

#include <thread>

#include "agent/base/log.h"
#include "agent/base/secret.h"
#include "agent/cli/cli.h"
#include "agent/cli/run_failure.h"
#include "agent/crypto/self_test.h"
#include "drivers/chrome/pool.h"

namespace totpilot {
namespace {

std::unique_ptr<browser::BrowserPort> make_browsers(boost::asio::io_context& context, boost::asio::thread_pool& pool,
                                                    const Clock& clock, const config::Config& config) {
  chrome::PoolSettings settings;
  settings.browser.program.path = config.browser.binary;
  settings.browser.helper = config.browser.helper;
  settings.browser.program.display = config.browser.headed ? chrome::Display::kHeaded : chrome::Display::kHeadless;
  settings.browser.hidden = {config.state_directory, config.key_directory};
  if (!config.escrow_directory.empty()) settings.browser.hidden.push_back(config.escrow_directory);
  settings.browser.hang_after = config.browser.hang_after;
  settings.idle = config.browser.idle;
  settings.most_at_once =
      static_cast<std::size_t>(config.browser.most_per_core) * std::max(1U, std::thread::hardware_concurrency());
  return chrome::make_browser_port(context.get_executor(), pool, clock, settings);
}

int run(int argc, char** argv) {
  ::umask(077);
  if (!init_secure_memory()) log::info("memory cannot be locked here: secrets may reach the swap space");
  try {
    crypto::self_test();
  } catch (const Failure& failure) {
    cli::Output output;
    return cli::show_failure(output, failure);
  }
  return cli::run(argc, argv, cli::Wiring{&make_browsers});
}

}  // namespace
}  // namespace totpilot

int main(int argc, char** argv) { return totpilot::run(argc, argv); }

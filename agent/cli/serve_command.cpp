#include <CLI/CLI.hpp>

#include "agent/cli/command.h"
#include "agent/daemon/daemon.h"

namespace totpilot::cli {
namespace {

struct ServeOptions {
  std::string listen;
  std::string host;
  std::string tls_certificate;
  std::string tls_key;
};

int run_serve(Invocation& invocation, const ServeOptions& options) {
  if (!options.listen.empty()) invocation.override_setting("api.listen", options.listen, "--listen");
  if (!options.host.empty()) invocation.override_setting("api.host", options.host, "--host");
  if (!options.tls_certificate.empty())
    invocation.override_setting("api.tls_cert", options.tls_certificate, "--tls-cert");
  if (!options.tls_key.empty()) invocation.override_setting("api.tls_key", options.tls_key, "--tls-key");
  invocation.stay();
  services::House& house = invocation.house();
  Output& out = invocation.out();
  invocation.run_until_it_ends(daemon::serve(invocation.context(), house, [&out](const daemon::Place& place) {
    out.document({{"socket", place.socket}, {"address", place.address}});
    out.line(fmt::format("listening on {}{}{}", place.socket, place.address.empty() ? "" : " and ", place.address));
    std::fflush(stdout);
  }));
  return 0;
}

}  // namespace

void add_serve_command(CommandTree& tree) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App& command = tree.add(
      {.name = "serve",
       .summary = "stay, and answer over HTTP",
       .details =
           "Holds the state directory and answers on a socket in it (totpilot.sock), which only its owner and root "
           "can use,\nand on TCP where --listen says so: there every request brings a token. An address that "
           "others can reach wants\nTLS. Without the vault's key it starts all the same, and waits to be unsealed. "
           "SIGTERM ends it when what it has\nbegun is done. docs/api.md says what it answers.",
       .examples =
           {"totpilot serve", "totpilot serve --listen 127.0.0.1:8443",
            "totpilot serve --listen 0.0.0.0:8443 --host totpilot.example --tls-cert chain.pem --tls-key key.pem"}},
      [options](Invocation& invocation) { return run_serve(invocation, *options); });
  command.add_option("--listen", options->listen, "the address for TCP; port 0: any that is free")
      ->type_name("ADDRESS:PORT");
  command.add_option("--host", options->host, "the name by which others call this machine")->type_name("NAME");
  command.add_option("--tls-cert", options->tls_certificate, "a PEM file; read again when it changes")
      ->type_name("FILE");
  command.add_option("--tls-key", options->tls_key, "its key, a PEM file")->type_name("FILE");
}

}  // namespace totpilot::cli

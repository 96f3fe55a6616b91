#include "tests/practice/site.h"

#include <fmt/format.h>

#include "tests/practice/app.h"
#include "tests/practice/server.h"

namespace totpilot::practice {

struct Site::Parts {
  explicit Parts(SiteOptions given)
      : options(std::move(given)),
        clock(options.clock_file, options.skew),
        app(options, clock),
        server(app, clock, options.delay),
        ports{.app = options.port} {}

  SiteOptions options;
  SiteClock clock;
  App app;
  Server server;
  Server::Ports ports;
};

Site::Site(SiteOptions options) : parts_(std::make_unique<Parts>(std::move(options))) {}

Site::~Site() = default;

void Site::start() {
  // The ports are taken before the first request is served, and known to the app after: nobody can know the address in
  // between.
  parts_->ports = parts_->server.start(parts_->ports);
  parts_->app.set_other_url(other_url());
}

void Site::stop() { parts_->server.stop(); }

std::string Site::base_url() const { return fmt::format("http://127.0.0.1:{}", parts_->ports.app); }

std::string Site::other_url() const { return fmt::format("http://localhost:{}", parts_->ports.other); }

Ledger Site::ledger() const { return parts_->app.ledger(); }

bool Site::accepts(const std::string& user, const std::string& secret) const {
  return parts_->app.accepts(user, secret);
}

Time Site::now() const { return parts_->clock.now(); }

void Site::add_user(UserSeed seed) { parts_->app.add_user(std::move(seed)); }

void Site::set_behaviours(Behaviours behaviours) { parts_->app.set_behaviours(behaviours); }

void Site::set_behaviours(const std::string& user, Behaviours behaviours) {
  parts_->app.set_behaviours(user, behaviours);
}

void Site::set_skew(std::chrono::seconds skew) { parts_->clock.set_skew(skew); }

void Site::hold(std::string method, std::string path) { parts_->server.hold(std::move(method), std::move(path)); }

bool Site::wait_until_held(std::chrono::milliseconds patience) { return parts_->server.wait_until_held(patience); }

void Site::release() { parts_->server.release(); }

}  // namespace totpilot::practice

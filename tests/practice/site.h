#pragma once
// Site: a practice site in this process, on a thread of its own. Construct, start(), point a browser at base_url(), ask
// ledger(). Every method may be called from any thread.
#include <chrono>
#include <memory>
#include <string>

#include "tests/practice/ledger.h"
#include "tests/practice/options.h"

namespace totpilot::practice {

class Site {
 public:
  explicit Site(SiteOptions options);
  ~Site();
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  /// Listens on 127.0.0.1: the app, and a second port that plays the other origin. After stop(), listens on the same
  /// ports again. Throws std::system_error when a port is taken.
  void start();
  /// Closes every connection and the ports. Users, secrets and sessions stay.
  void stop();

  /// "http://127.0.0.1:PORT"; no slash at the end.
  std::string base_url() const;
  /// "http://localhost:PORT": another site as browsers see it, so that its frames are out of process.
  std::string other_url() const;

  Ledger ledger() const;
  /// Would the app take a code of this secret (base32) at sign-in now, leaving aside whether its window is spent? False
  /// when MFA is off.
  bool accepts(const std::string& user, const std::string& secret) const;
  /// The app's time: the shared clock plus the skew.
  Time now() const;

  void add_user(UserSeed seed);
  /// Replaces the site's behaviours from the next request on.
  void set_behaviours(Behaviours behaviours);
  void set_behaviours(const std::string& user, Behaviours behaviours);
  void set_skew(std::chrono::seconds skew);

  /// From now on the answers to `method` ("GET", "POST") at `path` are held back; what the request does has then
  /// happened.
  void hold(std::string method, std::string path);
  /// True when an answer is being held, at the latest after `patience`.
  bool wait_until_held(std::chrono::milliseconds patience);
  /// Lets held answers go and holds no more.
  void release();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace totpilot::practice

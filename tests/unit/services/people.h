#pragma once
// A home with members who signed in, and calls in their name through the one door.
#include <gmock/gmock.h>

#include "agent/services/factors.h"
#include "agent/services/members.h"
#include "agent/services/perform.h"
#include "agent/services/shares.h"
#include "agent/services/sign_in.h"
#include "agent/store/members.h"
#include "agent/totp/code.h"
#include "agent/totp/otpauth.h"
#include "tests/unit/services/home.h"

namespace totpilot::services {

class People : public Home {
 protected:
  static constexpr const char* kPassword = "correct horse battery";

  /// Waits as the shared test clock does: it is there at once.
  void pass(std::chrono::milliseconds span) {
    run_to_end(context_,
               house().clock().wait_until(house().clock().now() + span, Deadline::after(std::chrono::seconds(30))));
  }

  Accepted join(const std::string& name, const std::string& role) {
    auto invited = run(add_invite(house(), owner_, {.name = name, .role = role}));
    Accepted accepted =
        run(accept_invite(house(), {.key = std::move(invited.key), .password = Secret::copy_of(kPassword)}));
    uris_[name] = std::string(accepted.totp_uri.reveal());
    return accepted;
  }
  Secret code_of(const std::string& name) {
    const auto key = totp::parse_otpauth(uris_.at(name));
    return totp::code_at(key->key, key->parameters, house().clock().now());
  }
  SignIn credentials(const std::string& name, const std::string& password = kPassword) {
    return {.name = name, .password = Secret::copy_of(password), .code = code_of(name), .address = "192.0.2.1"};
  }
  Caller member(const std::string& name, const std::string& role) {
    join(name, role);
    return run(sign_in(house(), credentials(name))).caller;
  }

  nlohmann::ordered_json call(std::string_view name, nlohmann::json arguments, const Caller& caller) {
    WaitRecorder listener;
    Call one{house(), caller, std::move(arguments), listener, Deadline::after(std::chrono::seconds(30))};
    return run(perform(*find_operation(name), one));
  }
  Outcome outcome(std::string_view name, nlohmann::json arguments, const Caller& caller) {
    try {
      call(name, std::move(arguments), caller);
      return Outcome::kOk;
    } catch (const Failure& failure) {
      return failure.code();
    }
  }
  void add_with_factor(const std::string& name = "alice-app") {
    add(name);
    ImportFactor request;
    request.account = name;
    request.material = Secret(std::string(kKey));
    request.confirmed = true;
    run(import_factor(house(), std::move(request)));
  }

  const Caller owner_ = Caller::local(1);
  std::map<std::string, std::string> uris_;
};

}  // namespace totpilot::services

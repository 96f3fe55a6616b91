#pragma once
// BoundSecret: a secret together with the origins it may be typed into. The only form in which a secret crosses to a
// driver; nobody but the two mints can make one.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agent/base/origin.h"
#include "agent/base/secret.h"

namespace totpilot::vault {
class CredentialMint;  // passwords
}
namespace totpilot::enrollment {
class CodeMint;  // codes, from a durable factor and a window reservation; recovery codes
}

namespace totpilot::browser {

enum class SecretKind { kPassword, kCode, kRecoveryCode };

class BoundSecret {
 public:
  BoundSecret(BoundSecret&&) = default;
  BoundSecret& operator=(BoundSecret&&) = default;

  SecretKind kind() const { return kind_; }
  const std::vector<Origin>& pins() const { return pins_; }
  /// For drivers, inside the call that fills.
  const Secret& value() const { return value_; }

 private:
  friend class vault::CredentialMint;
  friend class enrollment::CodeMint;
  friend struct BoundSecretForTests;

  BoundSecret(SecretKind kind, Secret value, std::vector<Origin> pins)
      : kind_(kind), value_(std::move(value)), pins_(std::move(pins)) {}

  SecretKind kind_;
  Secret value_;
  std::vector<Origin> pins_;
};

#ifdef TOTPILOT_TESTING
struct BoundSecretForTests {
  static BoundSecret make(SecretKind kind, std::string value, std::vector<Origin> pins) {
    return {kind, Secret(std::move(value)), std::move(pins)};
  }
};
#endif

}  // namespace totpilot::browser

#pragma once
// Behaviour: one way in which the practice site differs from a plain, well-behaved app. Behaviours combine freely, for
// the whole site and for one user; the table in behaviour.cpp is the one place that knows their names and what they do.
#include <bitset>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

namespace totpilot::practice {

enum class Behaviour {
  // what becomes of the secret, and when MFA turns on
  kRotatesOnOpen,
  kRotatesOnWrongCode,
  kRotatesAfterSuccess,
  kTurnsOnAtOpen,
  kTurnsOnAtLastButton,
  kFailsAfterEnabling,
  kDropsAfterEnabling,
  kAcceptsReusedCodes,
  kCurrentWindowOnly,
  kSha256,
  kEightDigits,
  kSixtySeconds,
  // how the secret is shown
  kQrCanvas,
  kQrSvg,
  kQrBackground,
  kQrInverted,
  kQrBare,
  kNoQr,
  kKeyInPlainSight,
  kKeyOnlyInAttribute,
  kClosedShadowRoot,
  kQrDisagrees,
  // recovery codes
  kNoRecoveryCodes,
  kRecoveryCodesFirst,
  kRecoveryCodesByCopy,
  kRecoveryCodesByDownload,
  // how a code is entered
  kSubmitsByItself,
  kSixBoxes,
  // signing in
  kIdentifierFirst,
  kSinglePageLogin,
  kCaptcha,
  kLocksOut,
  kRateLimits,
  kAsksPasswordAgain,
  kMailsACode,
  kRedirectsLogin,
  kRedirectsMidway,
  // what the account is like
  kMfaOn,
  kOtherMethodOn,
  kTotpNotOffered,
  kSettingsForbidden,
  // the page and the wire
  kSlow,
  kRendersTwice,
  kFocusThief,
  kPostsElsewhere,
  kWanders,
  kCount,
};

class Behaviours {
 public:
  Behaviours() = default;
  Behaviours(std::initializer_list<Behaviour> list) {
    for (const Behaviour one : list) add(one);
  }

  bool has(Behaviour one) const { return set_.test(static_cast<std::size_t>(one)); }
  void add(Behaviour one) { set_.set(static_cast<std::size_t>(one)); }
  friend Behaviours operator|(Behaviours left, const Behaviours& right) {
    left.set_ |= right.set_;
    return left;
  }

 private:
  std::bitset<static_cast<std::size_t>(Behaviour::kCount)> set_;
};

struct BehaviourInfo {
  Behaviour behaviour;
  std::string_view name;     // "rotates-on-open"
  std::string_view meaning;  // one sentence
};

/// All of them, in the order of the enumeration.
std::span<const BehaviourInfo> all_behaviours();
std::string_view behaviour_name(Behaviour behaviour);
std::optional<Behaviour> behaviour_from_name(std::string_view name);

}  // namespace totpilot::practice

#include "tests/practice/behaviour.h"

#include <array>

namespace totpilot::practice {
namespace {

using enum Behaviour;

constexpr std::array kTable{
    BehaviourInfo{kRotatesOnOpen, "rotates-on-open", "every opening of the set-up page makes a new pending secret"},
    BehaviourInfo{kRotatesOnWrongCode, "rotates-on-wrong-code", "a wrong code at set-up makes a new pending secret"},
    BehaviourInfo{kRotatesAfterSuccess, "rotates-after-success",
                  "the right code turns MFA on, with a new secret instead of the one that was shown"},
    BehaviourInfo{kTurnsOnAtOpen, "turns-on-at-open", "showing the secret turns MFA on; no code is asked for"},
    BehaviourInfo{kTurnsOnAtLastButton, "turns-on-at-last-button",
                  "the code is only checked; MFA turns on when the recovery codes are said to be saved"},
    BehaviourInfo{kFailsAfterEnabling, "fails-after-enabling", "MFA turns on, then the answer is a 500"},
    BehaviourInfo{kDropsAfterEnabling, "drops-after-enabling",
                  "MFA turns on, then the connection closes without an answer"},
    BehaviourInfo{kAcceptsReusedCodes, "accepts-reused-codes", "a code that was used may be used again"},
    BehaviourInfo{kCurrentWindowOnly, "current-window-only", "no clock drift is forgiven"},
    BehaviourInfo{kSha256, "sha256", "codes are made with HMAC-SHA256; only the otpauth URI says so"},
    BehaviourInfo{kEightDigits, "eight-digits", "codes have eight digits; only the otpauth URI says so"},
    BehaviourInfo{kSixtySeconds, "sixty-seconds", "codes live for sixty seconds; only the otpauth URI says so"},
    BehaviourInfo{kQrCanvas, "qr-canvas", "the QR is drawn on a canvas"},
    BehaviourInfo{kQrSvg, "qr-svg", "the QR is an inline SVG"},
    BehaviourInfo{kQrBackground, "qr-background", "the QR is a background image"},
    BehaviourInfo{kQrInverted, "qr-inverted", "the QR is light on dark"},
    BehaviourInfo{kQrBare, "qr-bare", "the QR has no quiet zone"},
    BehaviourInfo{kNoQr, "no-qr", "there is no QR, only the key"},
    BehaviourInfo{kKeyInPlainSight, "key-in-plain-sight", "the key is visible at once, without \"Can't scan it?\""},
    BehaviourInfo{kKeyOnlyInAttribute, "key-only-in-attribute",
                  "neither key nor QR, only a data attribute with the otpauth URI"},
    BehaviourInfo{kClosedShadowRoot, "closed-shadow-root", "key and QR live in a closed shadow root"},
    BehaviourInfo{kQrDisagrees, "qr-disagrees", "the QR holds another secret than the key says"},
    BehaviourInfo{kNoRecoveryCodes, "no-recovery-codes", "the app has no recovery codes"},
    BehaviourInfo{kRecoveryCodesFirst, "recovery-codes-first",
                  "recovery codes stand on the set-up page, before confirmation"},
    BehaviourInfo{kRecoveryCodesByCopy, "recovery-codes-by-copy", "recovery codes are only given to the clipboard"},
    BehaviourInfo{kRecoveryCodesByDownload, "recovery-codes-by-download", "recovery codes are only given as a file"},
    BehaviourInfo{kSubmitsByItself, "submits-by-itself", "the code field submits when it is full; there is no button"},
    BehaviourInfo{kSixBoxes, "six-boxes", "a code is entered into one box per digit"},
    BehaviourInfo{kIdentifierFirst, "identifier-first", "the user name is asked on a page of its own"},
    BehaviourInfo{kSinglePageLogin, "single-page-login", "signing in is a script; the code field slides in"},
    BehaviourInfo{kCaptcha, "captcha", "signing in demands a captcha"},
    BehaviourInfo{kLocksOut, "locks-out", "too many wrong passwords or codes lock the account"},
    BehaviourInfo{kRateLimits, "rate-limits", "signing in always answers 429"},
    BehaviourInfo{kAsksPasswordAgain, "asks-password-again", "the security settings ask for the password again"},
    BehaviourInfo{kMailsACode, "mails-a-code",
                  "after the password a code is asked for that only the user's mailbox has"},
    BehaviourInfo{kRedirectsLogin, "redirects-login",
                  "the sign-in page redirects to another origin, where it looks the same"},
    BehaviourInfo{kRedirectsMidway, "redirects-midway", "after the password the code is asked for on another origin"},
    BehaviourInfo{kMfaOn, "mfa-on", "MFA is on from the start"},
    BehaviourInfo{kOtherMethodOn, "other-method-on", "the account has a security key instead"},
    BehaviourInfo{kTotpNotOffered, "totp-not-offered", "authenticator apps are not offered"},
    BehaviourInfo{kSettingsForbidden, "settings-forbidden", "the user may not see the security settings"},
    BehaviourInfo{kSlow, "slow", "every page comes after the configured delay"},
    BehaviourInfo{kRendersTwice, "renders-twice", "every page fetches itself again and replaces its content"},
    BehaviourInfo{kFocusThief, "focus-thief", "pages with fields hold a cross-site frame that keeps taking the focus"},
    BehaviourInfo{kPostsElsewhere, "posts-elsewhere", "the sign-in form posts to another origin"},
    BehaviourInfo{kWanders, "wanders", "the sign-in page goes to another origin after a random moment"},
};

static_assert(kTable.size() == static_cast<std::size_t>(kCount));

}  // namespace

std::span<const BehaviourInfo> all_behaviours() { return kTable; }

std::string_view behaviour_name(Behaviour behaviour) { return kTable.at(static_cast<std::size_t>(behaviour)).name; }

std::optional<Behaviour> behaviour_from_name(std::string_view name) {
  for (const BehaviourInfo& info : kTable) {
    if (info.name == name) return info.behaviour;
  }
  return std::nullopt;
}

}  // namespace totpilot::practice

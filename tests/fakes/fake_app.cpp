#include "tests/fakes/fake_app.h"

#include <fmt/format.h>

#include "agent/base/failure.h"
#include "agent/totp/base32.h"
#include "agent/totp/code.h"

namespace totpilot::fakes {
namespace {

using browser::FieldKind;

Element heading(std::string text) { return {.id = "heading", .role = "heading", .name = text, .text = text}; }
Element button(std::string id, std::string name, std::string form = {}) {
  const bool submits = !form.empty();
  return {
      .id = std::move(id), .role = "button", .name = name, .text = name, .form = std::move(form), .submits = submits};
}
Element link(std::string id, std::string name) {
  return {.id = std::move(id), .role = "link", .name = name, .text = name};
}
Element input(std::string id, FieldKind kind, std::string form) {
  return {.id = std::move(id), .role = "textbox", .name = "", .text = "", .field = kind, .form = std::move(form)};
}

}  // namespace

Secret FakeApp::new_key() {
  // Different each time, and the same in each run.
  Secret key = Secret::zeros(20);
  ++drawn_;
  for (std::size_t i = 0; i < key.size(); ++i)
    key.writable()[i] = static_cast<unsigned char>(i * 37 + static_cast<std::size_t>(drawn_) * 101 + 7);
  return key;
}

void FakeApp::draw_pending() {
  pending_ = new_key();
  codes_.clear();
  for (int i = 0; i < 10; ++i) {
    if (manners.base32_codes) {
      Secret bytes = Secret::zeros(10);
      for (std::size_t at = 0; at < bytes.size(); ++at)
        bytes.writable()[at] =
            static_cast<unsigned char>(at * 53 + static_cast<std::size_t>(i) * 29 + static_cast<std::size_t>(drawn_));
      const Secret text = totp::base32_encode(bytes);
      const std::string whole(text.reveal());
      codes_.push_back(
          fmt::format("{} {} {} {}", whole.substr(0, 4), whole.substr(4, 4), whole.substr(8, 4), whole.substr(12, 4)));
    } else {
      codes_.push_back(
          fmt::format("{:04x} {:04x} {:04x}", 0x1a2b + i * 517 + drawn_, 0x3c4d + i * 911, 0x5e6f + i * 313));
    }
  }
}

void FakeApp::turn_on_elsewhere() { live_ = new_key(); }

bool FakeApp::would_take(const Secret& code) const {
  if (!live_) return false;
  totp::Window window = totp::window_at(std::chrono::seconds(30), now());
  for (int back = 0; back <= manners.windows_back; ++back, window = window.previous())
    if (totp::code_in(*live_, {}, window).same_as(code)) return true;
  return false;
}

bool FakeApp::take_code(const std::string& code, const Secret& key) {
  if (manners.refuse_codes > 0) {
    --manners.refuse_codes;
    ++ledger.wrong_codes;
    return false;
  }
  totp::Window window = totp::window_at(std::chrono::seconds(30), now());
  for (int back = 0; back <= manners.windows_back && !manners.refuses_every_code; ++back, window = window.previous()) {
    if (totp::code_in(key, {}, window).reveal() != code) continue;
    if (manners.refuses_reuse && !spent_.insert(window.counter()).second) {
      ++ledger.reused_codes;
      return false;
    }
    return true;
  }
  ++ledger.wrong_codes;
  return false;
}

std::string FakeApp::key_text(const Secret& key) const {
  const Secret text = totp::base32_encode(key);
  std::string grouped;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i > 0 && i % 4 == 0) grouped += ' ';
    grouped += text.reveal()[i];
  }
  return grouped;
}

std::string FakeApp::handed_out() const { return fmt::format("{}\n", fmt::join(codes_, "\n")); }

FakePage FakeApp::render(Visit& visit) const {
  FakePage page{visit.path, "Fake app", {}};
  auto& all = page.elements;
  if (!manners.banners.empty()) {
    const std::string& banner = manners.banners.back();
    all.push_back({.id = "banner", .role = "dialog", .name = banner, .text = banner});
    if (!manners.banner_has_no_button) all.push_back(button("close-banner", "Close"));
  }
  if (!visit.alert.empty()) all.push_back({.id = "alert", .role = "alert", .name = visit.alert, .text = visit.alert});
  if (visit.path == "/login") {
    if (visit.stage == Visit::Stage::kMailed) {
      all.push_back(input("mailed-code", FieldKind::kCode, "mailed"));
      all.push_back(button("send-mailed", "Continue", "mailed"));
      return page;
    }
    if (visit.stage == Visit::Stage::kCode) {
      all.push_back(input("login-code", FieldKind::kCode, "code"));
      all.push_back(button("send-code", "Continue", "code"));
      return page;
    }
    if (visit.stage != Visit::Stage::kPassword || !manners.two_page_sign_in)
      all.push_back(input("username", FieldKind::kUsername, "sign-in"));
    if (visit.stage == Visit::Stage::kPassword || !manners.two_page_sign_in)
      all.push_back(input("password", FieldKind::kPassword, "sign-in"));
    all.push_back(button("sign-in", "Sign in", "sign-in"));
    return page;
  }
  all.push_back({.id = "user", .role = "link", .name = username, .text = username});
  if (visit.path == "/security") {
    if (manners.mfa_page_says == "other")
      all.push_back(heading("Signing in takes your security key"));
    else if (manners.mfa_page_says == "none")
      all.push_back(heading("Authenticator apps are not available"));
    else if (!live_ || manners.mfa_page_says == "off")
      all.push_back(link("set-up", "Set up authenticator app"));
    else {
      all.push_back(link("turn-off", "Turn off two-step verification"));
      all.push_back(link("new-codes", "Get new recovery codes"));
    }
  } else if (visit.path == "/setup") {
    all.push_back(heading("Set up your authenticator"));
    totp::OtpAuth otpauth;
    otpauth.key = pending_->duplicate();
    otpauth.issuer = "Fake";
    otpauth.account = username;
    const Secret uri = totp::print_otpauth(otpauth);
    if (manners.shows_qr)
      all.push_back({.id = "qr", .role = "img", .name = "QR code", .text = "", .uri = std::string(uri.reveal())});
    if (!manners.hides_key || visit.key_shown) {
      const Secret other = Secret::copy_of(std::string_view("another key of 20 b."));
      all.push_back(
          {.id = "key", .role = "", .name = "", .text = key_text(manners.shows_other_key ? other : *pending_)});
    } else {
      all.push_back(button("cannot-scan", "Can't scan it?"));
    }
    if (manners.codes == Manners::Codes::kBefore)
      for (const std::string& code : codes_)
        all.push_back({.id = "code", .role = "listitem", .name = "", .text = code, .inside = "codes"});
    if (manners.codes == Manners::Codes::kBefore)
      all.push_back({.id = "codes", .role = "list", .name = "Recovery codes", .text = ""});
    all.push_back(input("setup-code", FieldKind::kCode, "setup"));
    all.push_back(button("activate", "Activate", "setup"));
  } else if (visit.path == "/codes") {
    all.push_back(heading("Recovery codes"));
    all.push_back({.id = "codes", .role = "list", .name = "Recovery codes", .text = ""});
    for (const std::string& code : codes_)
      all.push_back({.id = "code", .role = "listitem", .name = "", .text = code, .inside = "codes"});
    all.push_back(button("download", "Download"));
    all.push_back({.id = "saved", .role = "checkbox", .name = "I have saved them", .text = ""});
    all.push_back(button("finish", "Finish"));
  } else if (visit.path == "/turn-off" || visit.path == "/confirm-codes") {
    all.push_back(input("confirm-code", FieldKind::kCode, "confirm"));
    all.push_back(button(visit.path == "/turn-off" ? "confirm-off" : "confirm-new", "Confirm", "confirm"));
  }
  return page;
}

void FakeApp::open(Visit& visit, const std::string& path) {
  if (manners.down) throw Failure(Outcome::kAppUnreachable, "the fake app does not answer");
  visit.alert.clear();
  if (visit.stage != Visit::Stage::kIn) {
    visit.stage = Visit::Stage::kOut;
    visit.path = "/login";
    return;
  }
  visit.path = path == "/login" ? "/" : path;
}

void FakeApp::answer_sign_in(Visit& visit) {
  if (manners.two_page_sign_in && visit.stage == Visit::Stage::kOut) {
    visit.stage = Visit::Stage::kPassword;
    return;
  }
  ++ledger.password_tries;
  if (!manners.says_at_sign_in.empty()) {
    visit.alert = manners.says_at_sign_in;
    visit.stage = Visit::Stage::kOut;
    return;
  }
  if (visit.values["username"] != username || visit.values["password"] != password) {
    visit.alert = "Wrong user name or password";
    visit.stage = Visit::Stage::kOut;
    return;
  }
  visit.alert.clear();
  if (!manners.mails_code.empty()) {
    visit.stage = Visit::Stage::kMailed;
    return;
  }
  if (live_ && !manners.asks_for_no_code) {
    visit.stage = Visit::Stage::kCode;
    return;
  }
  ++ledger.sign_ins;
  visit.stage = Visit::Stage::kIn;
  visit.path = "/";
}

void FakeApp::answer_setup(Visit& visit) {
  ++ledger.setup_submits;
  if (!take_code(visit.values["setup-code"], *pending_)) {
    visit.alert = "That code is invalid";
    return;
  }
  visit.alert.clear();
  if (manners.codes == Manners::Codes::kGate) {
    visit.path = "/codes";
    return;
  }
  live_ = std::move(pending_);
  pending_.reset();
  if (manners.dies_after_enabling) throw Failure(Outcome::kAppUnreachable, "the fake app dropped its answer");
  visit.path = manners.codes == Manners::Codes::kAfter ? "/codes" : "/security";
}

void FakeApp::press(Visit& visit, const std::string& id) {
  if (manners.down) throw Failure(Outcome::kAppUnreachable, "the fake app does not answer");
  if (id == "close-banner") manners.banners.pop_back();
  if (id == "sign-in") answer_sign_in(visit);
  if (id == "send-mailed") {
    if (visit.values["mailed-code"] == manners.mails_code) {
      ++ledger.sign_ins;
      visit.stage = Visit::Stage::kIn;
      visit.path = "/";
    } else {
      visit.alert = "That code is invalid";
    }
  }
  if (id == "send-code") {
    if (!live_ || take_code(visit.values["login-code"], *live_)) {
      ++ledger.sign_ins;
      visit.alert.clear();
      visit.stage = Visit::Stage::kIn;
      visit.path = "/";
    } else {
      visit.alert = "That code is invalid";
    }
  }
  if (id == "set-up") {
    ++ledger.setup_opened;
    if (!pending_ || manners.rotates_on_open) draw_pending();
    visit.path = "/setup";
  }
  if (id == "cannot-scan") visit.key_shown = true;
  if (id == "activate") answer_setup(visit);
  if (id == "finish" && manners.codes == Manners::Codes::kGate && pending_) {
    live_ = std::move(pending_);
    pending_.reset();
  }
  if (id == "finish") visit.path = "/security";
  if (id == "turn-off") visit.path = "/turn-off";
  if (id == "new-codes") visit.path = "/confirm-codes";
  if (id == "confirm-off" || id == "confirm-new") {
    if (!live_ || !take_code(visit.values["confirm-code"], *live_)) {
      visit.alert = "That code is invalid";
      return;
    }
    visit.alert.clear();
    if (id == "confirm-off") {
      live_.reset();
      visit.path = "/security";
    } else {
      Secret live = std::move(*live_);
      draw_pending();
      pending_.reset();
      live_ = std::move(live);
      visit.path = "/codes";
    }
  }
}

}  // namespace totpilot::fakes

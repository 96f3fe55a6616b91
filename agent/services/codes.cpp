#include "agent/services/codes.h"

#include "agent/enrollment/app_time.h"
#include "agent/enrollment/factor_book.h"
#include "agent/enrollment/recovery_book.h"
#include "agent/enrollment/window_ledger.h"
#include "agent/services/house.h"
#include "agent/services/rows.h"
#include "agent/totp/code.h"

namespace totpilot::services {
namespace {

using enrollment::AppTime;

/// The factor in use with its key, as the vault gives it back.
struct Opened {
  store::AccountRow account;
  store::FactorRow factor;
  totp::OtpAuth key;
};

Opened open_current(House& house, const std::string& name) {
  Opened opened;
  opened.account = read_account(house.store(), name);
  const enrollment::FactorBook book(house.store(), house.vault(), house.clock());
  const auto factor = book.current(opened.account.id);
  if (!factor)
    throw Failure(Outcome::kNotFound, fmt::format("{} has no factor in use", opened.account.name),
                  fmt::format("totpilot enroll {0}, or import one: totpilot factor import {0}", opened.account.name));
  opened.factor = *factor;
  const Secret uri = book.export_uri(factor->id);
  auto parsed = totp::parse_otpauth(uri.reveal());
  if (!parsed) throw Failure(Outcome::kStorageFailed, "the vault gave back a factor that cannot be read");
  opened.key = std::move(*parsed);
  return opened;
}

CodeView view_of(const Opened& opened, const totp::Window& window, TimePoint app_now) {
  CodeView view;
  view.account = opened.account.name;
  view.factor = opened.factor.id;
  view.code = totp::code_in(opened.key.key, opened.key.parameters, window);
  view.valid_for = window.remaining(app_now);
  view.period = window.period;
  view.proven = opened.factor.state == store::FactorState::kLive;
  return view;
}

CodeView show_current_code(House& house, const std::string& account) {
  const Opened opened = open_current(house, account);
  const AppTime time = AppTime::of(house.clock(), opened.account, house.config().time_max_skew);
  enrollment::WindowLedger ledger(house.store(), house.clock());
  const auto shown = ledger.mark_shown(opened.account.id, opened.key.parameters.period, time.now(), house.caller());
  CodeView view = view_of(opened, shown.window, time.now());
  if (shown.use != store::WindowUse::kShown) {
    view.standing = shown.use == store::WindowUse::kSpent ? CodeView::Standing::kSent : CodeView::Standing::kReserved;
    view.next_free = time.to_ours(shown.next.start);
  }
  return view;
}

task<CodeView> wait_for_fresh_code(House& house, std::string account, Deadline deadline, ProgressListener& listener) {
  const Opened opened = co_await house.blocking([&] { return open_current(house, account); });
  const AppTime time = AppTime::of(house.clock(), opened.account, house.config().time_max_skew);
  enrollment::WindowLedger ledger(house.store(), house.clock());
  for (;;) {
    auto reserved = co_await house.blocking([&] {
      return ledger.reserve({.account = opened.account.id,
                             .period = opened.key.parameters.period,
                             .app_time = time.now(),
                             .by = house.caller()});
    });
    if (const auto* wait = std::get_if<enrollment::WaitUntil>(&reserved)) {
      const TimePoint when = time.to_ours(wait->app_time);
      listener.on_event(
          Waiting{"next code", wait->reason, std::max(std::chrono::milliseconds(0), when - house.clock().now())});
      co_await house.clock().wait_until(when, deadline);
      continue;
    }
    const auto& reservation = std::get<enrollment::WindowReservation>(reserved);
    co_return co_await house.blocking([&] {
      // It leaves us now; who gets it will send it, so nobody else may.
      ledger.mark_spent(reservation, time.now());
      return view_of(opened, reservation.window(), time.now());
    });
  }
}

std::string_view state_word(store::RecoveryCodeState state) {
  switch (state) {
    case store::RecoveryCodeState::kUnused:
      return "unused";
    case store::RecoveryCodeState::kUsed:
      return "used";
    case store::RecoveryCodeState::kReplaced:
      return "replaced";
  }
  return "replaced";
}

}  // namespace

nlohmann::ordered_json to_json(const CodeView& code) {
  return {{"account", code.account},
          {"factor", code.factor.str()},
          {"code", code.code.reveal()},
          {"valid_for_ms", code.valid_for.count()},
          {"period", code.period.count()},
          {"proven", code.proven},
          {"next_free", json_time(code.next_free)}};
}

nlohmann::ordered_json to_json(const RecoveryCodesView& codes) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& code : codes.codes) {
    nlohmann::ordered_json one{
        {"position", code.position}, {"state", code.state}, {"used", json_time(code.used)}, {"used_by", code.used_by}};
    if (code.code) one["code"] = code.code->reveal();
    list.push_back(std::move(one));
  }
  return {{"account", codes.account},
          {"unused", codes.unused},
          {"may_be_void", codes.may_be_void},
          {"recovery_codes", std::move(list)}};
}

nlohmann::ordered_json to_json(const UsedRecoveryCode& used) {
  return {{"account", used.account},
          {"position", used.position},
          {"code", used.code.reveal()},
          {"left", used.left},
          {"may_be_void", used.may_be_void}};
}

task<CodeView> get_code(House& house, GetCode request, Deadline deadline, ProgressListener& listener) {
  co_await house.open_vault();
  if (request.freshness == Freshness::kFresh)
    co_return co_await wait_for_fresh_code(house, request.account, deadline, listener);
  co_return co_await house.blocking([&] { return show_current_code(house, request.account); });
}

task<RecoveryCodesView> list_recovery_codes(House& house, ListRecoveryCodes request) {
  co_await house.open_vault();
  co_return co_await house.blocking([&] {
    const auto account = read_account(house.store(), request.account);
    const enrollment::RecoveryBook book(house.store(), house.vault(), house.clock());
    RecoveryCodesView view;
    view.account = account.name;
    view.may_be_void = book.may_be_void(account.id);
    for (const auto& row : book.list(account.id)) {
      if (row.state == store::RecoveryCodeState::kReplaced && !request.all) continue;
      RecoveryCodeView one;
      one.id = row.id;
      one.position = row.position;
      one.state = state_word(row.state);
      one.used = row.used;
      one.used_by = row.used_by;
      if (request.reveal == Reveal::kRevealed) one.code = book.reveal(row);
      if (row.state == store::RecoveryCodeState::kUnused) ++view.unused;
      view.codes.push_back(std::move(one));
    }
    return view;
  });
}

task<UsedRecoveryCode> use_recovery_code(House& house, UseRecoveryCode request) {
  co_await house.open_vault();
  co_return co_await house.blocking([&] {
    const auto account = read_account(house.store(), request.account);
    enrollment::RecoveryBook book(house.store(), house.vault(), house.clock());
    const bool may_be_void = book.may_be_void(account.id);
    auto taken = book.take(account.id, request.by);
    if (!taken)
      throw Failure(Outcome::kNotFound, fmt::format("{} has no unused recovery code", account.name),
                    fmt::format("let the app make new ones: totpilot recovery-codes {} new", account.name));
    return UsedRecoveryCode{account.name, taken->row.position, std::move(taken->code), book.unused(account.id),
                            may_be_void};
  });
}

}  // namespace totpilot::services

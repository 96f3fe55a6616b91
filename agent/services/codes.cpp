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

/// With the way to get one, which depends on what the account has.
Failure no_factor_in_use(House& house, const store::AccountRow& account) {
  const Standing standing =
      house.store().read([&](store::ReadTransaction& transaction) { return standing_of(transaction, account.id); });
  if (standing == Standing::kCandidate)
    return Failure(Outcome::kNotFound,
                   fmt::format("the factor of {} is a candidate: it is not confirmed", account.name),
                   fmt::format("type a code of it into the app (totpilot factor import shows one again); when the app "
                               "took it: totpilot factor confirm {}",
                               account.name));
  return Failure(Outcome::kNotFound, fmt::format("{} has no factor in use", account.name),
                 account.app.empty()
                     ? fmt::format("bring its key: totpilot factor import {}", account.name)
                     : fmt::format("totpilot enroll {0}, or bring its key: totpilot factor import {0}", account.name));
}

Opened open_current(House& house, const std::string& name) {
  Opened opened;
  opened.account = read_account(house.store(), name);
  const enrollment::FactorBook book(house.store(), house.vault(), house.clock());
  const auto factor = book.current(opened.account.id);
  if (!factor) throw no_factor_in_use(house, opened.account);
  opened.factor = *factor;
  const Secret uri = book.export_uri(factor->id);
  auto parsed = totp::parse_otpauth(uri.reveal());
  if (!parsed) throw Failure(Outcome::kStorageFailed, "the vault gave back a factor that cannot be read");
  opened.key = std::move(*parsed);
  return opened;
}

CodeView view_of(const Opened& opened, const totp::Window& window, const AppTime& time) {
  CodeView view;
  view.account = opened.account.name;
  view.factor = opened.factor.id;
  view.code = totp::code_in(opened.key.key, opened.key.parameters, window);
  view.valid_for = window.remaining(time.now());
  view.next = time.to_ours(window.start + window.period);
  view.period = window.period;
  view.proven = opened.factor.state == store::FactorState::kLive;
  view.self_managed = opened.account.app.empty();
  return view;
}

/// Jobs send what they take; a command that reserved a code has handed it to a person.
CodeView::Standing standing_of(const enrollment::Shown& shown) {
  using enum CodeView::Standing;
  if (shown.overtaken) return kOvertaken;
  if (shown.use == store::WindowUse::kShown) return kFree;
  if (shown.use == store::WindowUse::kReserved) return kReserved;
  return JobId::looks_right(shown.by) ? kSent : kHandedOut;
}

std::string_view standing_word(CodeView::Standing standing) {
  using enum CodeView::Standing;
  switch (standing) {
    case kFree:
      return "free";
    case kReserved:
      return "reserved";
    case kSent:
      return "sent";
    case kHandedOut:
      return "handed_out";
    case kOvertaken:
      return "overtaken";
  }
  return "free";
}

CodeView show_current_code(House& house, const GetCode& request) {
  const Opened opened = open_current(house, request.account);
  const AppTime time = AppTime::of(house.clock(), opened.account, house.config().time_max_skew);
  enrollment::WindowLedger ledger(house.store(), house.clock());
  const auto shown = ledger.mark_shown(opened.account.id, opened.key.parameters.period, time.now(), request.by);
  CodeView view = view_of(opened, shown.window, time);
  view.standing = standing_of(shown);
  if (view.standing != CodeView::Standing::kFree) {
    view.next_free = time.to_ours(shown.next.start);
    view.next_free_in = std::max(*view.next_free - house.clock().now(), std::chrono::milliseconds(0));
  }
  return view;
}

task<CodeView> wait_for_fresh_code(House& house, GetCode request, Deadline deadline, ProgressListener& listener) {
  const Opened opened = co_await house.blocking([&] { return open_current(house, request.account); });
  const AppTime time = AppTime::of(house.clock(), opened.account, house.config().time_max_skew);
  enrollment::WindowLedger ledger(house.store(), house.clock());
  for (;;) {
    auto reserved = co_await house.blocking([&] {
      return ledger.reserve({.account = opened.account.id,
                             .period = opened.key.parameters.period,
                             .app_time = time.now(),
                             .by = request.by});
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
      return view_of(opened, reservation.window(), time);
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
          {"next", to_iso(code.next)},
          {"period", code.period.count()},
          {"proven", code.proven},
          {"self_managed", code.self_managed},
          {"standing", standing_word(code.standing)},
          {"next_free", json_time(code.next_free)},
          {"next_free_in_ms",
           code.next_free ? nlohmann::ordered_json(code.next_free_in.count()) : nlohmann::ordered_json()}};
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
  if (request.by.empty()) request.by = house.caller();
  if (request.freshness == Freshness::kFresh)
    co_return co_await wait_for_fresh_code(house, std::move(request), deadline, listener);
  co_return co_await house.blocking([&] { return show_current_code(house, request); });
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

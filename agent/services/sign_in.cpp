#include "agent/services/sign_in.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/services/audit_trail.h"
#include "agent/services/house.h"
#include "agent/services/keys.h"
#include "agent/services/member_credentials.h"
#include "agent/services/roles.h"
#include "agent/store/access.h"
#include "agent/store/members.h"

namespace totpilot::services {
namespace {

using namespace std::chrono_literals;

constexpr auto kAttemptsCount = 15min;
constexpr std::size_t kFreeAttempts = 5;
/// From all addresses together: so many that a stranger does not lock the member out at once.
constexpr std::size_t kFreeAttemptsOfAll = 25;
constexpr auto kFirstWait = 30s;
/// A session's or token's last use is written down at most so often.
constexpr auto kSeenEvery = 60s;

const std::set<Scope> kAllScopes = Caller::local(0).scopes;

/// When the next try is allowed; in the past: now.
TimePoint next_try(const std::vector<TimePoint>& attempts, std::size_t free) {
  if (attempts.size() < free) return {};
  const auto doublings = std::min<std::size_t>(attempts.size() - free, 5);
  return attempts.front() + std::min<std::chrono::milliseconds>(kFirstWait * (1U << doublings), kAttemptsCount);
}

struct Counted {
  std::string who;
  std::size_t free;
};

std::vector<Counted> counters_of(const SignIn& request) {
  return {{"member:" + request.name + " from " + request.address, kFreeAttempts},
          {"member:" + request.name, kFreeAttemptsOfAll}};
}

/// Counted before the password is looked at, so that tries at the same time cannot pass together.
void count_attempt(House& house, const SignIn& request, TimePoint now) {
  house.store().write([&](store::WriteTransaction& transaction) {
    store::delete_old_sign_in_attempts(transaction, now - kAttemptsCount);
    for (const auto& [who, free] : counters_of(request)) {
      const TimePoint next = next_try(store::list_sign_in_attempts(transaction, who, now - kAttemptsCount), free);
      if (next > now)
        throw Failure(Outcome::kRateLimited, "too many attempts to sign in were wrong",
                      fmt::format("try again in {} s", std::chrono::ceil<std::chrono::seconds>(next - now).count()));
    }
    for (const auto& [who, free] : counters_of(request)) store::insert_sign_in_attempt(transaction, who, now);
  });
}

Failure wrong_credentials() {
  return Failure(Outcome::kBadCredentials, "name, password or code is wrong",
                 "codes hold for 30 s and only once; whoever lost everything asks for totpilot member reset --local");
}

struct Verified {
  store::MemberRow member;
  bool recovery_code_used = false;
  int codes_left = 0;
};

/// The code is spent with the same commit that clears the attempts.
Verified verify_credentials(House& house, const SignIn& request) {
  const TimePoint now = house.clock().now();
  count_attempt(house, request, now);
  auto member = house.store().read(
      [&](store::ReadTransaction& transaction) { return store::find_member_by_name(transaction, request.name); });
  const bool password = password_right(member.value_or(store::MemberRow()), request.password, house.vault());
  if (!member || !password || member->disabled) throw wrong_credentials();
  const std::int64_t window = window_of_code(*member, request.code, house.vault(), now);
  const std::string hash = hash_of_member_code(request.code, house.vault());
  return house.store().write([&](store::WriteTransaction& transaction) {
    Verified verified;
    const bool fresh = window > 0 && store::take_member_window(transaction, member->id, window);
    verified.recovery_code_used = !fresh && store::use_member_code(transaction, member->id, hash, now);
    if (!fresh && !verified.recovery_code_used) throw wrong_credentials();
    for (const auto& [who, free] : counters_of(request)) store::delete_sign_in_attempts(transaction, who);
    verified.member = *store::find_member(transaction, member->id);
    verified.member.totp_on = verified.member.totp_on || fresh;
    verified.member.signed_in = now;
    store::update_member(transaction, verified.member);
    verified.codes_left = store::count_member_codes(transaction, member->id);
    return verified;
  });
}

Caller caller_of(const store::MemberRow& member) {
  Caller caller;
  caller.name = "member:" + member.name;
  caller.scopes = kAllScopes;
  caller.role = role_of(member.role);
  caller.member = member.id;
  return caller;
}

Caller claimed(const SignIn& request) {
  Caller caller;
  caller.name = "member:" + request.name;
  return caller;
}

SignedIn open_session(House& house, Verified verified) {
  const TimePoint now = house.clock().now();
  SignedIn signed_in{.caller = caller_of(verified.member),
                     .key = make_key(kSessionPrefix),
                     .expires = now + kSessionLongest,
                     .recovery_code_used = verified.recovery_code_used,
                     .codes_left = verified.codes_left};
  const store::MemberSessionRow session{.id = MemberSessionId::make(now),
                                        .member = verified.member.id,
                                        .hash = hash_of_key(signed_in.key),
                                        .created = now,
                                        .seen = now,
                                        .expires = signed_in.expires,
                                        .proven = now};
  house.store().write([&](store::WriteTransaction& transaction) {
    store::delete_dead_member_sessions(transaction, now, now - kSessionIdle);
    store::insert_member_session(transaction, session);
  });
  signed_in.caller.session = session.id;
  signed_in.caller.proven_at = now;
  return signed_in;
}

Failure not_signed_in() {
  return Failure(Outcome::kSignInRequired, "nobody is signed in with this key, or it is over or revoked");
}

store::MemberRow active_member(store::ReadTransaction& transaction, const MemberId& id) {
  auto member = store::find_member(transaction, id);
  if (!member || member->disabled) throw not_signed_in();
  return *std::move(member);
}

Caller caller_of_session(House& house, const std::string& hash) {
  const TimePoint now = house.clock().now();
  std::optional<store::MemberSessionRow> session;
  Caller caller;
  house.store().read([&](store::ReadTransaction& transaction) {
    session = store::find_member_session(transaction, hash);
    if (!session || session->expires <= now || session->seen + kSessionIdle <= now) throw not_signed_in();
    caller = caller_of(active_member(transaction, session->member));
  });
  caller.session = session->id;
  caller.proven_at = session->proven;
  if (session->seen + kSeenEvery <= now)
    house.store().write(
        [&](store::WriteTransaction& transaction) { store::touch_member_session(transaction, session->id, now); });
  return caller;
}

std::set<Scope> scopes_named(const std::vector<std::string>& names) {
  std::set<Scope> scopes;
  for (const Scope scope : kAllScopes)
    if (std::ranges::find(names, scope_name(scope)) != names.end()) scopes.insert(scope);
  return scopes;
}

Caller caller_of_token(House& house, const std::string& hash) {
  const TimePoint now = house.clock().now();
  std::optional<store::TokenRow> token;
  Caller caller;
  house.store().read([&](store::ReadTransaction& transaction) {
    token = store::find_token_by_hash(transaction, hash);
    if (!token || token->revoked || (token->expires && *token->expires <= now)) throw not_signed_in();
    caller.role = Role::kSuperAdmin;
    if (!token->member.empty()) caller = caller_of(active_member(transaction, token->member));
  });
  caller.name = "token:" + token->name;
  caller.scopes = scopes_named(token->scopes);
  caller.token = token->id;
  if (!token->used || *token->used + kSeenEvery <= now)
    house.store().write(
        [&](store::WriteTransaction& transaction) { store::mark_token_used(transaction, token->id, now); });
  return caller;
}

}  // namespace

task<SignedIn> sign_in(House& house, SignIn request) {
  co_await house.open_vault();
  const Caller caller = claimed(request);
  Act act{.name = "session.sign_in", .account = {}, .object = {}, .detail = {{"from", request.address}}};
  co_return co_await with_records(house, caller, std::move(act), Audited::kBeforeItLeaves, house.blocking([&] {
    return open_session(house, verify_credentials(house, request));
  }));
}

task<Caller> prove_again(House& house, const Caller& caller, SignIn request) {
  if (!caller.session || !caller.member) throw not_signed_in();
  co_await house.open_vault();
  Act act{.name = "session.prove", .account = {}, .object = {}, .detail = {{"from", request.address}}};
  co_return co_await with_records(house, caller, std::move(act), Audited::kBeforeItLeaves, house.blocking([&] {
    if (verify_credentials(house, request).member.id != *caller.member) throw wrong_credentials();
    Caller proven = caller;
    proven.proven_at = house.clock().now();
    house.store().write([&](store::WriteTransaction& transaction) {
      store::prove_member_session(transaction, *proven.session, *proven.proven_at);
    });
    return proven;
  }));
}

task<void> sign_out(House& house, const Caller& caller) {
  if (!caller.session) throw not_signed_in();
  co_await house.open_store();
  co_await house.blocking([&] {
    house.store().write(
        [&](store::WriteTransaction& transaction) { store::delete_member_session(transaction, *caller.session); });
  });
}

task<Caller> identify(House& house, const Secret& key) {
  co_await house.open_store();
  const std::string hash = hash_of_key(key);
  const bool token = key.reveal().starts_with(kTokenPrefix);
  co_return co_await house.blocking(
      [&] { return token ? caller_of_token(house, hash) : caller_of_session(house, hash); });
}

}  // namespace totpilot::services

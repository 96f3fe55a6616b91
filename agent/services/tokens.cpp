#include "agent/services/tokens.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/services/house.h"
#include "agent/services/keys.h"
#include "agent/services/roles.h"
#include "agent/services/rows.h"
#include "agent/store/access.h"
#include "agent/store/members.h"

namespace totpilot::services {
namespace {

constexpr int kLongestTokenDays = 3650;

TokenView view_of(store::ReadTransaction& transaction, const store::TokenRow& row) {
  const auto member = row.member.empty() ? std::nullopt : store::find_member(transaction, row.member);
  return {row.id,   row.name,   member ? member->name : "", row.scopes, row.created, row.created_by, row.expires,
          row.used, row.revoked};
}

std::vector<std::string> checked_scopes(const Caller& caller, const std::vector<std::string>& names) {
  if (names.empty())
    throw Failure(Outcome::kInvalidInput, "a token needs a scope", "read, manage, run, codes, secrets, vault, people");
  std::set<std::string> scopes;
  for (const std::string& name : names) {
    if (!caller.scopes.contains(scope_of(name)))
      throw Failure(Outcome::kForbidden, fmt::format("{} does not have the scope {} itself", caller.name, name));
    scopes.insert(name);
  }
  return {scopes.begin(), scopes.end()};
}

bool sees_all_tokens(const Caller& caller) { return caller.at_home || at_least(caller.role, Role::kAdmin); }

/// Whose the new one is: nobody lends it more than they have.
MemberId owner_of_token(store::ReadTransaction& transaction, const Caller& caller, const std::string& named) {
  if (named.empty()) return caller.member.value_or(MemberId());
  const MemberId member = store::require_member(transaction, named).id;
  if (!caller.at_home && caller.member != member)
    throw Failure(Outcome::kForbidden, "a token for another member is made on the machine itself only");
  return member;
}

}  // namespace

Scope scope_of(std::string_view name) {
  for (const Scope scope : Caller::local(0).scopes)
    if (scope_name(scope) == name) return scope;
  throw Failure(Outcome::kInvalidInput, "that is no scope", "read, manage, run, codes, secrets, vault, people");
}

nlohmann::ordered_json to_json(const TokenView& token) {
  return {{"id", token.id.str()},
          {"name", token.name},
          {"member", token.member},
          {"scopes", token.scopes},
          {"created", to_iso(token.created)},
          {"created_by", token.created_by},
          {"expires", json_time(token.expires)},
          {"used", json_time(token.used)},
          {"revoked", json_time(token.revoked)}};
}

nlohmann::ordered_json to_json(const AddedToken& added) {
  auto json = to_json(added.token);
  json["key"] = added.key.reveal();
  return json;
}

task<AddedToken> add_token(House& house, const Caller& caller, AddToken request) {
  if (request.name.empty() || request.name.size() > 64)
    throw Failure(Outcome::kInvalidInput, "a token's name has 1 to 64 characters");
  if (request.days < 0 || request.days > kLongestTokenDays)
    throw Failure(Outcome::kInvalidInput, "a token holds for 1 to 3650 days; 0 is without an end");
  request.scopes = checked_scopes(caller, request.scopes);
  co_await house.open_store();
  co_return co_await house.blocking([&] {
    return house.store().write([&](store::WriteTransaction& transaction) {
      AddedToken added{.token = {}, .key = make_key(kTokenPrefix)};
      store::TokenRow row;
      row.created = house.clock().now();
      row.id = TokenId::make(row.created);
      row.name = request.name;
      row.member = owner_of_token(transaction, caller, request.member);
      row.hash = hash_of_key(added.key);
      row.scopes = request.scopes;
      row.created_by = caller.name;
      if (request.days > 0) row.expires = row.created + std::chrono::hours(24) * request.days;
      store::insert_token(transaction, row);
      added.token = view_of(transaction, row);
      return added;
    });
  });
}

task<std::vector<TokenView>> list_tokens(House& house, const Caller& caller) {
  co_await house.open_store();
  co_return co_await house.blocking([&] {
    return house.store().read([&](store::ReadTransaction& transaction) {
      std::vector<TokenView> views;
      for (const auto& row : store::list_tokens(transaction))
        if (sees_all_tokens(caller) || (caller.member && row.member == *caller.member))
          views.push_back(view_of(transaction, row));
      return views;
    });
  });
}

task<TokenView> revoke_token(House& house, const Caller& caller, std::string token) {
  co_await house.open_store();
  co_return co_await house.blocking([&] {
    return house.store().write([&](store::WriteTransaction& transaction) {
      store::TokenRow row = store::require_token(transaction, token);
      if (!sees_all_tokens(caller) && !(caller.member && row.member == *caller.member))
        throw Failure(Outcome::kNotFound, "there is no such token of yours");
      row.revoked = row.revoked.value_or(house.clock().now());
      store::revoke_token(transaction, row.id, *row.revoked);
      return view_of(transaction, row);
    });
  });
}

}  // namespace totpilot::services

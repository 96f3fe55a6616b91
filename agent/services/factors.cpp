#include "agent/services/factors.h"

#include "agent/enrollment/app_time.h"
#include "agent/enrollment/factor_book.h"
#include "agent/enrollment/window_ledger.h"
#include "agent/services/escrow.h"
#include "agent/services/house.h"
#include "agent/services/key_material.h"
#include "agent/services/rows.h"
#include "agent/store/factors.h"
#include "agent/totp/base32.h"
#include "agent/totp/code.h"

namespace totpilot::services {
namespace {

using enrollment::FactorBook;

constexpr auto kPictureTime = std::chrono::seconds(10);

/// The factor that is meant: the one of that id, which must be the account's, else the newest candidate.
store::FactorRow pick(const FactorBook& book, const store::AccountRow& account, const std::string& id) {
  if (!id.empty()) {
    const store::FactorRow row = book.get(FactorId::from(id));
    if (row.account != account.id)
      throw Failure(Outcome::kNotFound, fmt::format("{} has no factor {}", account.name, id),
                    fmt::format("totpilot factor list {}", account.name));
    return row;
  }
  for (const auto& row : book.list(account.id))
    if (row.state == store::FactorState::kCandidate) return row;
  throw Failure(Outcome::kNotFound, fmt::format("{} has no candidate", account.name),
                fmt::format("totpilot factor list {}", account.name));
}

/// What an authenticator app shows beside the codes, where the factor brought nothing of its own: a bare key.
struct Names {
  std::string issuer;
  std::string label;
};

ExportedFactor export_of(const store::FactorRow& row, const std::string& account, totp::OtpAuth key,
                         const Names& names) {
  if (row.label.empty() && row.issuer.empty()) key.issuer = names.issuer;
  if (row.label.empty()) key.account = names.label;
  return {factor_view(row, account), totp::print_otpauth(key), totp::base32_encode(key.key)};
}

ExportedFactor export_of(OpenedCopy copy) {
  const store::FactorRow row = copy.entry.factor;
  const std::string account = copy.entry.account_name;
  const Names names{account, copy.entry.username};
  return export_of(row, account, otpauth_of(std::move(copy)), names);
}

ExportedFactor export_of(const FactorBook& book, const store::FactorRow& row, const store::AccountRow& account) {
  const Secret uri = book.export_uri(row.id);
  auto parsed = totp::parse_otpauth(uri.reveal());
  if (!parsed) throw Failure(Outcome::kStorageFailed, "the vault gave back a factor that cannot be read");
  return export_of(row, account.name, std::move(*parsed),
                   {account.app.empty() ? account.name : account.app, account.username});
}

ExportedFactor export_now(House& house, const NameFactor& request) {
  const FactorBook book(house.store(), house.vault(), house.clock());
  const auto account = read_account(house.store(), request.account);
  if (!request.factor.empty()) {
    const auto row = pick(book, account, request.factor);
    return export_of(book, row, account);
  }
  const auto row = book.current(account.id);
  if (!row)
    throw Failure(Outcome::kNotFound, fmt::format("{} has no factor in use", account.name),
                  fmt::format("name one of totpilot factor list {}", account.name));
  return export_of(book, *row, account);
}

task<bool> is_in_database(House& house, std::string factor) {
  if (!house.has_store()) co_return false;
  co_await house.open_store();
  co_return co_await house.blocking([&] {
    return house.store().read([&](store::ReadTransaction& transaction) {
      return store::find_factor(transaction, FactorId::from(factor)).has_value();
    });
  });
}

task<KeyMaterial> read_material(House& house, const ImportFactor& request) {
  if (request.from_escrow.empty()) co_return co_await read_key_material(request, Deadline::after(kPictureTime));
  auto copy = co_await open_escrow_copy(house, request.from_escrow);
  if (!copy)
    throw Failure(Outcome::kNotFound, fmt::format("there is no escrow copy of {}", request.from_escrow),
                  "totpilot factor list --escrow");
  KeyMaterial material;
  material.otpauth = otpauth_of(std::move(*copy));
  material.source = "import:escrow";
  co_return material;
}

ImportedFactor keep(House& house, const ImportFactor& request, const KeyMaterial& material) {
  const auto account = read_account(house.store(), request.account);
  FactorBook book(house.store(), house.vault(), house.clock());
  const auto imported = book.import(account.id, material.otpauth, material.source);
  store::FactorRow row = imported.row;
  if (request.confirmed) row = book.confirm(row.id);
  // What is shown is made of what the vault gives back.
  const Secret uri = book.export_uri(row.id);
  const auto kept = totp::parse_otpauth(uri.reveal());
  if (!kept) throw Failure(Outcome::kStorageFailed, "the vault gave back a factor that cannot be read");
  const auto time = enrollment::AppTime::of(house.clock(), account, house.config().time_max_skew);
  enrollment::WindowLedger ledger(house.store(), house.clock());
  const auto shown = ledger.mark_shown(account.id, kept->parameters.period, time.now(), house.caller());
  ImportedFactor result;
  result.factor = factor_view(row, account.name);
  result.code = totp::code_in(kept->key, kept->parameters, shown.window);
  result.valid_for = shown.window.remaining(time.now());
  result.warnings = totp::key_warnings(kept->key);
  result.already_there = imported.known;
  return result;
}

}  // namespace

FactorView factor_view(const store::FactorRow& row, const std::string& account) {
  return {.id = row.id,
          .account = account,
          .state = std::string(store::factor_state_name(row.state)),
          .algorithm = row.parameters.algorithm,
          .digits = row.parameters.digits,
          .period = row.parameters.period,
          .encoder = row.parameters.encoder,
          .issuer = row.issuer,
          .label = row.label,
          .source = row.source,
          .created = row.created,
          .confirmed = row.confirmed,
          .proven = row.proven};
}

nlohmann::ordered_json to_json(const FactorView& factor) {
  return {{"id", factor.id.str()},
          {"account", factor.account},
          {"state", factor.state},
          {"algorithm", factor.algorithm},
          {"digits", factor.digits},
          {"period", factor.period},
          {"encoder", factor.encoder},
          {"issuer", factor.issuer},
          {"label", factor.label},
          {"source", factor.source},
          {"created", to_iso(factor.created)},
          {"confirmed", json_time(factor.confirmed)},
          {"proven", json_time(factor.proven)}};
}

nlohmann::ordered_json to_json(const ImportedFactor& imported) {
  return {{"factor", to_json(imported.factor)},
          {"code", imported.code.reveal()},
          {"valid_for_ms", imported.valid_for.count()},
          {"warnings", imported.warnings},
          {"already_there", imported.already_there}};
}

nlohmann::ordered_json to_json(const ExportedFactor& exported) {
  return {{"factor", to_json(exported.factor)}, {"uri", exported.uri.reveal()}, {"base32", exported.base32.reveal()}};
}

task<ImportedFactor> import_factor(House& house, ImportFactor request) {
  const KeyMaterial material = co_await read_material(house, request);
  co_await house.open_vault();
  co_return co_await house.blocking([&] { return keep(house, request, material); });
}

task<std::vector<FactorView>> list_factors(House& house, std::string account) {
  co_await house.open_store();
  co_return co_await house.blocking([&] {
    return house.store().read([&](store::ReadTransaction& transaction) {
      std::vector<store::AccountRow> accounts;
      if (account.empty()) {
        accounts = store::list_accounts(transaction);
      } else {
        accounts.push_back(store::require_account(transaction, account));
      }
      std::vector<FactorView> views;
      for (const auto& one : accounts)
        for (const auto& row : store::list_factors(transaction, one.id)) views.push_back(factor_view(row, one.name));
      return views;
    });
  });
}

task<FactorView> confirm_factor(House& house, NameFactor request) {
  co_await house.open_vault();
  co_return co_await house.blocking([&] {
    const auto account = read_account(house.store(), request.account);
    FactorBook book(house.store(), house.vault(), house.clock());
    return factor_view(book.confirm(pick(book, account, request.factor).id), account.name);
  });
}

task<FactorView> discard_factor(House& house, NameFactor request) {
  co_await house.open_vault();
  co_return co_await house.blocking([&] {
    const auto account = read_account(house.store(), request.account);
    FactorBook book(house.store(), house.vault(), house.clock());
    return factor_view(book.discard(pick(book, account, request.factor).id), account.name);
  });
}

task<FactorView> retire_factor(House& house, std::string account) {
  co_await house.open_vault();
  co_return co_await house.blocking([&] {
    const auto row = read_account(house.store(), account);
    const std::string open =
        house.store().read([&](store::ReadTransaction& transaction) { return open_enrollment(transaction, row.id); });
    if (!open.empty())
      throw Failure(Outcome::kInvalidInput, fmt::format("an enrollment of {} is not settled ({})", row.name, open),
                    fmt::format("totpilot recover {}", row.name));
    FactorBook book(house.store(), house.vault(), house.clock());
    // No job's lease: it is a person who knows.
    const auto retired = book.retire(row.id, enrollment::Lease{});
    if (!retired)
      throw Failure(Outcome::kNotFound, fmt::format("{} has no factor in use", row.name),
                    fmt::format("totpilot factor list {}", row.name));
    return factor_view(book.get(retired->id), row.name);
  });
}

task<ExportedFactor> export_factor(House& house, NameFactor request) {
  if (!request.factor.empty() && !co_await is_in_database(house, request.factor)) {
    auto copy = co_await open_escrow_copy(house, request.factor);
    if (copy) co_return export_of(std::move(*copy));
  }
  co_await house.open_vault();
  co_return co_await house.blocking([&] { return export_now(house, request); });
}

}  // namespace totpilot::services

#pragma once
// Factors by hand: the secrets of accounts that a person enrolled, or that another authenticator holds.
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "agent/base/async.h"
#include "agent/base/clock.h"
#include "agent/base/id.h"
#include "agent/base/secret.h"

namespace totpilot::store {
struct FactorRow;
}

namespace totpilot::services {

class House;

struct FactorView {
  FactorId id;
  std::string account;
  std::string state;  // "candidate", "confirmed", "live", "superseded", "discarded"
  std::string algorithm;
  int digits = 6;
  int period = 30;
  std::string encoder;
  std::string issuer;
  std::string label;
  std::string source;
  TimePoint created;
  std::optional<TimePoint> confirmed;
  std::optional<TimePoint> proven;
};

FactorView factor_view(const store::FactorRow& row, const std::string& account);
nlohmann::ordered_json to_json(const FactorView& factor);

struct ImportFactor {
  std::string account;
  /// A base32 key, an otpauth or otpauth-migration URI, or a PNG or JPEG picture of its QR code; which one is seen from
  /// the bytes.
  Secret material;
  bool from_picture = false;  // the material was read from a picture already
  /// Instead of the material: the factor whose escrow copy is brought back.
  std::string from_escrow;
  /// Only with a bare base32 key: what the app says where it is not SHA1, 6 digits, 30 s.
  std::optional<std::string> algorithm;
  std::optional<int> digits;
  std::optional<int> period;
  bool odd_key = false;    // the person says that it is the key, although it does not look like one
  std::string entry;       // of a migration with several: the issuer or account name wanted
  bool confirmed = false;  // the person says that the app already asks for its codes
};

struct ImportedFactor {
  FactorView factor;
  Secret code;  // of now, to type into the app's set-up page
  std::chrono::milliseconds valid_for{0};
  std::vector<std::string> warnings;
  bool already_there = false;  // the account had this very secret; nothing was added
};

nlohmann::ordered_json to_json(const ImportedFactor& imported);

/// factor.import: not_found when there is no such escrow copy. Durable and read back before it answers. invalid_input
/// says what is wrong, also where something does not look like a key, and never quotes it.
task<ImportedFactor> import_factor(House& house, ImportFactor request);

/// factor.list: of one account, or of all when `account` is empty.
task<std::vector<FactorView>> list_factors(House& house, std::string account);

struct NameFactor {
  std::string account;
  std::string factor;  // id; empty: the newest candidate (confirm, discard), the factor in use (export)
};

/// factor.confirm: the app took it, a person says so. Its predecessor becomes superseded.
task<FactorView> confirm_factor(House& house, NameFactor request);

/// factor.discard: never handed out again; the row stays. invalid_input for a factor in use.
task<FactorView> discard_factor(House& house, NameFactor request);

/// factor.retire: MFA was turned off by hand, a person says so. The factor in use becomes superseded, the recovery
/// codes replaced; nothing is deleted. not_found when none is in use, invalid_input while an enrollment is open.
task<FactorView> retire_factor(House& house, std::string account);

struct ExportedFactor {
  FactorView factor;
  Secret uri;  // otpauth://
  Secret base32;
};

nlohmann::ordered_json to_json(const ExportedFactor& exported);

/// factor.export. Where the app gave no issuer and label, the URI has the app's name and the user name. A factor whose
/// row is gone, with its account or with the whole database, comes from the escrow copies.
task<ExportedFactor> export_factor(House& house, NameFactor request);

}  // namespace totpilot::services

#include "agent/vault/outside.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/base/failure.h"
#include "agent/base/file.h"
#include "agent/vault/row_json.h"

namespace totpilot::vault {
namespace {

constexpr std::size_t kLargest = 1U << 20U;

[[noreturn]] void damaged(const std::filesystem::path& file) {
  throw Failure(Outcome::kStorageFailed, fmt::format("{}: is damaged", file.string()),
                "move it away; totpilot then writes a new one, and cannot tell whether the database is an older one");
}

/// A start costs no write of what is there already.
template <class Row>
bool same(const std::vector<Row>& one, const std::vector<Row>& other) {
  return std::ranges::equal(one, other, [](const Row& a, const Row& b) { return to_json(a) == to_json(b); });
}

}  // namespace

Outside::Outside(std::filesystem::path directory, std::string workspace)
    : directory_(std::move(directory)),
      file_(directory_ / fmt::format("vault-{}.json", workspace)),
      workspace_(std::move(workspace)) {
  if (std::filesystem::exists(file_)) load();
}

void Outside::load() {
  require_private_file(file_);
  const nlohmann::json whole = nlohmann::json::parse(read_file(file_, kLargest), nullptr, false);
  try {
    if (whole.at("workspace").get<std::string>() != workspace_) damaged(file_);
    epoch_ = whole.at("epoch").get<std::int64_t>();
    home_ = whole.value("state_directory", "");
    for (const auto& [key, uses] : whole.at("uses").items()) {
      const auto count = uses.get<std::int64_t>();
      uses_[KeyId::from(key)] = {count, count};
    }
    for (const auto& slot : whole.at("slots")) slots_.push_back(slot_from_json(slot));
    for (const auto& key : whole.at("keys")) keys_.push_back(key_from_json(key));
  } catch (const nlohmann::json::exception&) {
    damaged(file_);
  }
}

void Outside::save() {
  make_private_directory(directory_);
  nlohmann::json whole = {{"format", "totpilot-outside-1"},    {"workspace", workspace_},
                          {"state_directory", home_.string()}, {"epoch", epoch_},
                          {"uses", nlohmann::json::object()},  {"slots", nlohmann::json::array()},
                          {"keys", nlohmann::json::array()}};
  for (const auto& [key, use] : uses_) whole["uses"][key.str()] = use.reserved;
  for (const auto& slot : slots_) whole["slots"].push_back(to_json(slot));
  for (const auto& key : keys_) whole["keys"].push_back(to_json(key));
  write_file_atomically(file_, whole.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

std::int64_t Outside::epoch() const {
  const std::lock_guard lock(mutex_);
  return epoch_;
}

void Outside::raise_epoch(std::int64_t epoch) {
  const std::lock_guard lock(mutex_);
  if (epoch <= epoch_) return;
  epoch_ = epoch;
  save();
}

void Outside::count_use(const KeyId& key) {
  const std::lock_guard lock(mutex_);
  Use& use = uses_[key];
  ++use.counted;
  if (use.counted <= use.reserved) return;
  use.reserved = use.counted - 1 + kReserve;
  save();
}

std::int64_t Outside::uses(const KeyId& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = uses_.find(key);
  return found == uses_.end() ? 0 : found->second.reserved;
}

void Outside::keep_copies(const std::vector<store::VaultSlotRow>& slots, const std::vector<store::VaultKeyRow>& keys,
                          const std::filesystem::path& home) {
  const std::lock_guard lock(mutex_);
  const std::filesystem::path resolved = std::filesystem::weakly_canonical(home);
  if (same(slots, slots_) && same(keys, keys_) && resolved == home_) return;
  home_ = resolved;
  slots_ = slots;
  keys_ = keys;
  std::erase_if(uses_, [&](const auto& use) {
    return std::ranges::none_of(keys, [&](const store::VaultKeyRow& key) { return key.id == use.first; });
  });
  save();
}

std::vector<store::VaultSlotRow> Outside::slots() const {
  const std::lock_guard lock(mutex_);
  return slots_;
}

std::vector<store::VaultKeyRow> Outside::keys() const {
  const std::lock_guard lock(mutex_);
  return keys_;
}

std::filesystem::path Outside::home() const {
  const std::lock_guard lock(mutex_);
  return home_;
}

}  // namespace totpilot::vault

#include "agent/vault/backup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "agent/base/encoding.h"
#include "agent/base/failure.h"
#include "agent/base/file.h"
#include "agent/base/id.h"
#include "agent/base/log.h"
#include "agent/crypto/aead.h"
#include "agent/crypto/random.h"
#include "agent/vault/backup_stream.h"
#include "agent/vault/row_json.h"
#include "agent/vault/vault_impl.h"

namespace totpilot::vault {
namespace {

constexpr std::size_t kLargestManifest = 1U << 20U;
constexpr std::string_view kWorkplace = "work-";

/// A private directory that is gone in the end.
class Workplace {
 public:
  explicit Workplace(const std::filesystem::path& parent) {
    std::string name = (parent / (std::string(kWorkplace) + "XXXXXX")).string();
    if (::mkdtemp(name.data()) == nullptr)
      throw Failure(Outcome::kStorageFailed, fmt::format("{}: no directory can be made there", parent.string()));
    path_ = name;
  }
  ~Workplace() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;
  std::filesystem::path database() const { return path_ / store::kDatabaseFile; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Workplaces that a crash left in the state directory.
void remove_leftovers(const std::filesystem::path& state_directory) {
  std::error_code ignored;
  const auto old = std::filesystem::file_time_type::clock::now() - std::chrono::hours(24);
  for (const auto& entry : std::filesystem::directory_iterator(state_directory, ignored))
    if (entry.path().filename().string().starts_with(kWorkplace) && entry.last_write_time(ignored) < old)
      std::filesystem::remove_all(entry.path(), ignored);
}

std::string four_bytes(std::size_t size) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(size >> static_cast<unsigned>(shift) & 255U);
  return out;
}

/// What a backup's header says: who made it, and the ways to its key.
struct Header {
  SlotSet slots;
  TimePoint made;
  std::string sealed_key;
};

std::string key_name(std::string_view workspace, TimePoint made) {
  return fmt::format("backup {} {}", workspace, to_millis(made));
}

std::string print_header(const Header& header) {
  nlohmann::json json = {{"format", "totpilot-backup-1"},
                         {"workspace", header.slots.workspace},
                         {"made", to_millis(header.made)},
                         {"sealed_key", header.sealed_key},
                         {"slots", nlohmann::json::array()}};
  for (const auto& slot : header.slots.rows) json["slots"].push_back(to_json(slot));
  return json.dump();
}

Header read_header(const BackupReader& reader, const std::filesystem::path& file) {
  try {
    const nlohmann::json json = nlohmann::json::parse(reader.header());
    Header header;
    header.slots.workspace = json.at("workspace").get<std::string>();
    header.made = from_millis(json.at("made").get<std::int64_t>());
    header.sealed_key = json.at("sealed_key").get<std::string>();
    for (const auto& slot : json.at("slots")) header.slots.rows.push_back(slot_from_json(slot));
    return header;
  } catch (const nlohmann::json::exception&) {
    throw Failure(Outcome::kStorageFailed, fmt::format("{}: its header was changed", file.string()),
                  "use another backup");
  }
}

std::string print_counts(const std::vector<store::TableCount>& counts) {
  nlohmann::json json = nlohmann::json::object();
  for (const store::TableCount& count : counts) json[count.table] = count.rows;
  return json.dump();
}

void compare_counts(const std::string& manifest, const std::vector<store::TableCount>& counts) {
  const nlohmann::json json = nlohmann::json::parse(manifest, nullptr, false);
  for (const store::TableCount& count : counts) {
    // A table that came with a later schema is not in an older backup's list.
    if (!json.is_object() || !json.contains(count.table)) continue;
    if (json[count.table] != count.rows)
      throw Failure(Outcome::kStorageFailed,
                    fmt::format("the backup's table {} has not the rows that it had when it was made", count.table));
  }
}

/// Splits the stream into the manifest, which is short, and the database, which goes to the disk.
class Unpacker {
 public:
  explicit Unpacker(const std::filesystem::path& database) : file_(database) {
    fd_ = ::open(database.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd_ < 0) fail();
  }
  ~Unpacker() {
    if (fd_ >= 0) ::close(fd_);
  }
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;

  void take(std::string_view bytes) {
    if (!manifest_whole_) {
      head_ += bytes;
      if (head_.size() < 4) return;
      std::size_t size = 0;
      for (std::size_t i = 0; i < 4; ++i) size = size << 8U | static_cast<unsigned char>(head_[i]);
      if (size > kLargestManifest) throw Failure(Outcome::kStorageFailed, "the backup's list of contents is damaged");
      if (head_.size() < 4 + size) return;
      manifest_ = head_.substr(4, size);
      manifest_whole_ = true;
      put(std::string_view(head_).substr(4 + size));
      return;
    }
    put(bytes);
  }

  /// The manifest, once the database is whole on the disk.
  std::string finish() {
    if (!manifest_whole_) throw Failure(Outcome::kStorageFailed, "the backup's list of contents is cut");
    if (::fsync(fd_) != 0) fail();
    return manifest_;
  }

 private:
  [[noreturn]] void fail() const {
    throw Failure(Outcome::kStorageFailed, fmt::format("{}: cannot be written", file_.string()));
  }
  void put(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail();
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  std::filesystem::path file_;
  int fd_ = -1;
  std::string head_;
  std::string manifest_;
  bool manifest_whole_ = false;
};

/// The backup, decrypted and checked, in a directory of its own.
struct Opened {
  RestoreReport report;
  Secret root;
};

std::int64_t open_every_secret(store::Store& store, const Vault::Impl& vault) {
  std::int64_t opened = 0;
  for_each_sealed(store, [&](const std::vector<store::SealedCell>& part) {
    for (const store::SealedCell& cell : part) {
      vault.unseal(context_of(cell), cell.sealed);
      ++opened;
    }
  });
  return opened;
}

/// With the ways in that there were when it was made; those of now may be newer.
Unlocked unlock_backup(const Header& header, const Locations& locations, const Credentials& credentials) {
  try {
    return unlock(header.slots, locations, credentials);
  } catch (const Failure& failure) {
    if (failure.code() != Outcome::kVaultSealed) throw;
    throw Failure(failure.code(), failure.message(),
                  fmt::format("a backup opens with the key file, passphrase or kit of its time ({}): {}",
                              to_iso(header.made), failure.hint()));
  }
}

Opened open_backup(const std::filesystem::path& file, const Workplace& workplace, const Locations& locations,
                   const Clock& clock, const Credentials& credentials, InPlace in_place) {
  BackupReader reader(file);
  const Header header = read_header(reader, file);
  Unlocked unlocked = unlock_backup(header, locations, credentials);
  const Keyring outer(header.slots.workspace, unlocked.root.duplicate());
  const auto key = outer.open_own(key_name(header.slots.workspace, header.made), header.sealed_key);
  if (!key)
    throw Failure(Outcome::kStorageFailed, fmt::format("{}: its header was changed", file.string()),
                  "use another backup");

  Unpacker unpacker(workplace.database());
  reader.read_all(*key, [&](std::string_view bytes) { unpacker.take(bytes); });
  const std::string manifest = unpacker.finish();

  const auto store = store::Store::open({.state_directory = workplace.path()});
  store->check_integrity();
  Opened opened;
  opened.report.workspace = header.slots.workspace;
  opened.report.made = header.made;
  opened.report.counts =
      store->read([](store::ReadTransaction& transaction) { return store::count_rows(transaction); });
  compare_counts(manifest, opened.report.counts);
  const auto vault =
      Vault::Impl::assemble(*store, locations, clock, read_vault_rows(*store), unlocked.root.duplicate());
  opened.report.secrets_opened = open_every_secret(*store, *vault);
  opened.report.age = age_of(*store, locations, in_place, header.made, workplace.path() / "in-place");
  opened.report.key_file_missing = unlocked.by != SlotKind::kFile;
  opened.root = std::move(unlocked.root);
  return opened;
}

void move_if_there(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0 && errno != ENOENT)
    throw Failure(Outcome::kStorageFailed, fmt::format("{}: cannot be moved", from.string()));
}

constexpr std::array<const char*, 2> kBesideDatabase = {"-wal", "-shm"};

/// Keeps the present database, or only the log that one left behind, under another name; the database stays in place
/// too until the new one takes its name. Nothing when nothing is there.
std::optional<std::filesystem::path> set_aside(const std::filesystem::path& state_directory, TimePoint now) {
  const std::filesystem::path database = state_directory / store::kDatabaseFile;
  const bool occupied = std::filesystem::exists(database);
  try {
    // Closing moves the log into the database.
    if (occupied) store::Store::open({.state_directory = state_directory}).reset();
  } catch (const Failure&) {
    log::debug("{}: does not open, and is kept with its log", database.string());
  }
  const bool left_behind = std::ranges::any_of(
      kBesideDatabase, [&](const char* suffix) { return std::filesystem::exists(database.string() + suffix); });
  if (!occupied && !left_behind) return std::nullopt;
  const std::filesystem::path directory = state_directory / fmt::format("replaced-{}", stamp(now));
  make_private_directory(directory);
  if (occupied && ::link(database.c_str(), (directory / store::kDatabaseFile).c_str()) != 0)
    throw Failure(Outcome::kStorageFailed, fmt::format("{}: cannot be kept", database.string()));
  // A log that stayed beside the new database would be played into it.
  for (const char* suffix : kBesideDatabase)
    move_if_there(database.string() + suffix, (directory / store::kDatabaseFile).string() + suffix);
  return directory;
}

}  // namespace

BackupReport make_backup(Vault& vault, store::Store& store, const std::filesystem::path& file) {
  Vault::Impl& impl = vault.impl();
  remove_leftovers(store.state_directory());
  const Workplace workplace(store.state_directory());
  store.copy_to(workplace.database());

  BackupReport report{file, 0, {}};
  Header header;
  {
    // Slots and counts are those of the copy, not of what was written since.
    const auto copy = store::Store::open({.state_directory = workplace.path()});
    header.slots = read_vault_rows(*copy).slots;
    report.counts = copy->read([](store::ReadTransaction& transaction) { return store::count_rows(transaction); });
  }
  header.made = impl.clock.now();
  const Secret key = crypto::random_secret(crypto::kKeyBytes);
  header.sealed_key = impl.keyring.seal_own(key_name(header.slots.workspace, header.made), key);

  BackupWriter writer(file, print_header(header), key);
  const std::string manifest = print_counts(report.counts);
  writer.write(four_bytes(manifest.size()) + manifest);
  std::ifstream in(workplace.database(), std::ios::binary);
  std::string block(kChunkBytes, '\0');
  while (in.read(block.data(), static_cast<std::streamsize>(block.size())), in.gcount() > 0)
    writer.write(std::string_view(block).substr(0, static_cast<std::size_t>(in.gcount())));
  if (!in.eof()) throw Failure(Outcome::kStorageFailed, "the copy of the database cannot be read");
  writer.finish();
  report.bytes = std::filesystem::file_size(file);
  store.write([&](store::WriteTransaction& transaction) {
    store::set_setting(transaction, kLastBackup, std::to_string(to_millis(header.made)));
  });
  return report;
}

std::vector<SlotKind> ways_into_backup(const std::filesystem::path& file) {
  const BackupReader reader(file);
  std::vector<SlotKind> ways;
  for (const auto& slot : read_header(reader, file).slots.rows)
    if (const auto kind = slot_kind(slot.kind)) ways.push_back(*kind);
  return ways;
}

RestoreReport verify_backup(const std::filesystem::path& file, const Locations& locations, const Clock& clock,
                            const Credentials& credentials, InPlace in_place) {
  const bool there = std::filesystem::is_directory(locations.state_directory);
  const Workplace workplace(there ? locations.state_directory : std::filesystem::temp_directory_path());
  return open_backup(file, workplace, locations, clock, credentials, in_place).report;
}

void require_no_database(const Locations& locations) {
  if (std::filesystem::exists(locations.state_directory / store::kDatabaseFile))
    throw Failure(Outcome::kAlreadyExists,
                  fmt::format("{}: there is a database already", locations.state_directory.string()),
                  "--set-aside lets the backup take its place, and keeps the old one in replaced-<time>/");
}

RestoreReport restore_backup(const std::filesystem::path& file, const Locations& locations, const Clock& clock,
                             const Credentials& credentials, ExistingState existing) {
  make_private_directory(locations.state_directory);
  const std::filesystem::path target = locations.state_directory / store::kDatabaseFile;
  if (existing == ExistingState::kRefuse) require_no_database(locations);
  const Workplace workplace(locations.state_directory);
  Opened opened = open_backup(file, workplace, locations, clock, credentials, InPlace::kCompare);
  const std::int64_t epoch = [&] {
    // This database is the right one from now on, however old it is.
    const auto store = store::Store::open({.state_directory = workplace.path()});
    const auto vault = Vault::Impl::assemble(*store, locations, clock, read_vault_rows(*store), std::move(opened.root));
    return vault->adopt_database();
  }();
  opened.report.set_aside = set_aside(locations.state_directory, clock.now());
  if (::rename(workplace.database().c_str(), target.c_str()) != 0)
    throw Failure(Outcome::kStorageFailed, fmt::format("{}: cannot be put in place", target.string()));
  sync_directory(locations.state_directory);
  // Only now: what is in place until then is not the older one.
  Outside(locations.escrow(), opened.report.workspace).raise_epoch(epoch);
  return opened.report;
}

void note_backup_verified(store::Store& store, const Clock& clock) {
  store.write([&](store::WriteTransaction& transaction) {
    store::set_setting(transaction, kLastVerified, std::to_string(to_millis(clock.now())));
  });
}

}  // namespace totpilot::vault

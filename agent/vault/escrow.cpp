#include "agent/vault/escrow.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "agent/base/failure.h"
#include "agent/base/file.h"
#include "agent/base/log.h"
#include "agent/base/unique_fd.h"
#include "agent/vault/row_json.h"

namespace totpilot::vault {
namespace {

constexpr std::size_t kLargest = 64U << 20U;

[[noreturn]] void refuse_escrow(const std::filesystem::path& path, std::string_view what) {
  throw Failure(Outcome::kStorageFailed, fmt::format("{}: {} ({})", path.string(), what, std::strerror(errno)),
                "check the disk of the escrow directory");
}

// An app's label may hold bytes that are no UTF-8; they are of no use to a reader.
std::string line_of(const EscrowEntry& entry) {
  return to_json(entry).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

}  // namespace

Escrow::Escrow(std::filesystem::path directory, const std::string& workspace, TornLines torn)
    : directory_(std::move(directory)),
      file_(directory_ / fmt::format("candidates-{}.jsonl", workspace)),
      torn_(torn) {}

void Escrow::append(const EscrowEntry& entry) {
  const std::lock_guard lock(mutex_);
  make_private_directory(directory_);
  const bool fresh = !std::filesystem::exists(file_);
  const UniqueFd fd(::open(file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_DSYNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) refuse_escrow(file_, "cannot be opened");
  require_private_file(file_);
  // A torn line of an earlier crash must not swallow this one: an empty line costs nothing.
  const std::string line = (fresh ? "" : "\n") + line_of(entry);
  const ssize_t written = ::write(fd.get(), line.data(), line.size());
  if (written != static_cast<ssize_t>(line.size())) refuse_escrow(file_, "cannot be written");
  if (fresh) sync_directory(directory_);
}

std::vector<EscrowEntry> Escrow::read_all() const {
  std::vector<EscrowEntry> entries;
  if (!std::filesystem::exists(file_)) return entries;
  require_private_file(file_);
  const std::string content = read_file(file_, kLargest);
  std::string_view rest = content;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (line.empty()) continue;
    try {
      entries.push_back(escrow_from_json(nlohmann::json::parse(line)));
    } catch (const nlohmann::json::exception&) {
      if (torn_ == TornLines::kWarn) log::warn("{}: a line is torn or damaged, and was left out", file_.string());
    }
  }
  return entries;
}

std::vector<EscrowEntry> Escrow::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<EscrowEntry> newest;
  for (EscrowEntry& entry : read_all()) {
    std::erase_if(newest, [&](const EscrowEntry& other) { return other.factor.id == entry.factor.id; });
    newest.push_back(std::move(entry));
  }
  return newest;
}

int Escrow::prune(const FactorId& factor) {
  const std::lock_guard lock(mutex_);
  std::vector<EscrowEntry> entries = read_all();
  const auto removed = std::erase_if(entries, [&](const EscrowEntry& entry) { return entry.factor.id == factor; });
  if (removed > 0) write_all(entries);
  return static_cast<int>(removed);
}

void Escrow::rewrite(const std::vector<EscrowEntry>& entries) {
  const std::lock_guard lock(mutex_);
  write_all(entries);
}

void Escrow::write_all(const std::vector<EscrowEntry>& entries) {
  make_private_directory(directory_);
  std::string content;
  for (const EscrowEntry& entry : entries) content += line_of(entry);
  write_file_atomically(file_, content);
}

}  // namespace totpilot::vault

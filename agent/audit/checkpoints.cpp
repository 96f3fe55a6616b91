#include "agent/audit/checkpoints.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "agent/base/encoding.h"
#include "agent/base/failure.h"
#include "agent/base/file.h"
#include "agent/crypto/hmac.h"

namespace totpilot::audit {
namespace {

constexpr std::uintmax_t kLongFile = 256U * 1024U;

std::string mac_of(const Secret& key, const Checkpoint& checkpoint) {
  const std::string message = fmt::format("totpilot audit checkpoint 1\n{}\n{}\n{}\n{}", checkpoint.writer,
                                          checkpoint.sequence, checkpoint.hash, to_millis(checkpoint.at));
  return hex_encode(crypto::hmac(crypto::Hash::kSha256, key, message).reveal());
}

std::string print(const Checkpoint& checkpoint, const Secret& key) {
  const nlohmann::ordered_json json{{"writer", checkpoint.writer},
                                    {"sequence", checkpoint.sequence},
                                    {"hash", checkpoint.hash},
                                    {"at_ms", to_millis(checkpoint.at)},
                                    {"mac", mac_of(key, checkpoint)}};
  return json.dump() + "\n";
}

std::optional<Checkpoint> checkpoint_in(const nlohmann::json& json) {
  if (!json.is_object() || !json.contains("writer") || !json["writer"].is_string() || !json.contains("sequence") ||
      !json["sequence"].is_number_integer() || !json.contains("hash") || !json["hash"].is_string())
    return std::nullopt;
  return Checkpoint{json["writer"], json["sequence"], json["hash"], {}};
}

std::optional<Checkpoint> parse(const std::string& line, const Secret& key) {
  const auto json = nlohmann::json::parse(line, nullptr, false);
  auto checkpoint = checkpoint_in(json);
  if (!checkpoint || !json.contains("at_ms") || !json["at_ms"].is_number_integer()) return std::nullopt;
  checkpoint->at = from_millis(json["at_ms"]);
  // Compared as the line that would be written: nothing else may stand in it.
  if (print(*checkpoint, key) != line + "\n") return std::nullopt;
  return checkpoint;
}

Failure cannot(const std::filesystem::path& file, std::string_view what) {
  return Failure(Outcome::kStorageFailed, fmt::format("{}: {}", file.string(), what),
                 "what is not recorded is not done: look at the disk and at the file's owner");
}

/// Calls with each line that has its end, and its number.
template <class Take>
void each_line(const std::filesystem::path& file, const Take& take) {
  std::ifstream stream(file, std::ios::binary);
  std::string line;
  for (int number = 1; std::getline(stream, line) && !stream.eof(); ++number) take(line, number);
}

void keep_last_of_each(const std::filesystem::path& file, const Secret& key) {
  CheckpointsRead read = read_checkpoints(file, key);
  // What was tampered with stays to be seen.
  if (!read.bad_lines.empty()) return;
  std::map<std::string, Checkpoint> last;
  for (Checkpoint& one : read.good) last[one.writer] = std::move(one);
  std::string content;
  for (const auto& [writer, checkpoint] : last) content += print(checkpoint, key);
  write_file_atomically(file, content);
}

}  // namespace

CheckpointsRead read_checkpoints(const std::filesystem::path& file, const Secret& key) {
  CheckpointsRead read;
  each_line(file, [&](const std::string& line, int number) {
    if (auto checkpoint = parse(line, key))
      read.good.push_back(std::move(*checkpoint));
    else
      read.bad_lines.push_back(number);
  });
  return read;
}

std::vector<Checkpoint> read_stream(const std::filesystem::path& file) {
  std::vector<Checkpoint> found;
  each_line(file, [&](const std::string& line, int) {
    if (auto checkpoint = checkpoint_in(nlohmann::json::parse(line, nullptr, false)))
      found.push_back(std::move(*checkpoint));
  });
  return found;
}

CheckpointFile::CheckpointFile(std::filesystem::path file, const Secret& key)
    : file_(std::move(file)), key_(key.duplicate()) {
  std::error_code none;
  if (std::filesystem::file_size(file_, none) > kLongFile && !none) keep_last_of_each(file_, key_);
  fd_ = UniqueFd(::open(file_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd_) throw cannot(file_, "the audit log's checkpoints cannot be written");
  std::uintmax_t whole = 0;
  each_line(file_, [&](const std::string& line, int) { whole += line.size() + 1; });
  if (::ftruncate(fd_.get(), static_cast<off_t>(whole)) != 0)
    throw cannot(file_, "the audit log's checkpoints cannot be mended");
}

void CheckpointFile::append(const Checkpoint& checkpoint) {
  const off_t before = ::lseek(fd_.get(), 0, SEEK_END);
  const std::string line = print(checkpoint, key_);
  const ssize_t written = ::write(fd_.get(), line.data(), line.size());
  if (written == static_cast<ssize_t>(line.size())) return;
  // Half a line would spoil the next one. Where even that fails, opening the file again takes it away.
  static_cast<void>(::ftruncate(fd_.get(), before) == 0);
  throw cannot(file_, "a checkpoint of the audit log cannot be written");
}

}  // namespace totpilot::audit

#include "drivers/page/downloads.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "agent/base/unique_fd.h"
#include "drivers/cdp/download.h"

namespace totpilot::page {
namespace {

/// Lists of recovery codes are small; nothing else is downloaded.
constexpr std::size_t kLargest = std::size_t{1} << 20;

struct Item {
  std::string guid;
  std::string name;
  cdp::download::State state = cdp::download::State::kInProgress;
};

/// A guid is all that may become a file name.
bool is_guid(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789abcdefABCDEF-") == std::string::npos;
}

/// The file in a directory that belongs to the browser, which may have put anything there: only a regular file of the
/// directory's own user is read, through no link, and nothing that would be waited for.
std::optional<Secret> read_download(int directory, const std::string& name) {
  struct stat place{};
  struct stat info{};
  const UniqueFd file(::openat(directory, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file || ::fstat(directory, &place) != 0 || ::fstat(file.get(), &info) != 0) return std::nullopt;
  if (!S_ISREG(info.st_mode) || info.st_uid != place.st_uid || info.st_nlink != 1) return std::nullopt;
  if (info.st_size < 0 || static_cast<std::size_t>(info.st_size) > kLargest) return std::nullopt;
  Secret content = Secret::zeros(static_cast<std::size_t>(info.st_size));
  const auto bytes = content.writable();
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t size = ::read(file.get(), bytes.data() + at, bytes.size() - at);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return std::nullopt;
    at += static_cast<std::size_t>(size);
  }
  return content;
}

}  // namespace

struct Downloads::State {
  std::filesystem::path directory;
  std::vector<Item> items;
  std::vector<std::weak_ptr<ReplySlot<bool>>> waiting;
  cdp::Subscription begun;
  cdp::Subscription progress;

  void stir() {
    const auto now = std::move(waiting);
    waiting.clear();
    for (const auto& each : now) {
      if (const auto slot = each.lock()) slot->set(true);
    }
  }
};

Downloads::Downloads(cdp::Session& browser, std::filesystem::path directory) : state_(std::make_shared<State>()) {
  state_->directory = std::move(directory);
  state_->begun = cdp::download::on_begun(browser, [weak = std::weak_ptr(state_)](cdp::download::Begun begun) {
    const auto state = weak.lock();
    if (!state || !is_guid(begun.guid)) return;
    state->items.push_back({.guid = std::move(begun.guid), .name = std::move(begun.suggested_name)});
    state->stir();
  });
  state_->progress =
      cdp::download::on_progress(browser, [weak = std::weak_ptr(state_)](const cdp::download::Progress& progress) {
        const auto state = weak.lock();
        if (!state) return;
        const auto item = std::ranges::find(state->items, progress.guid, &Item::guid);
        if (item == state->items.end() || item->state == progress.state) return;
        item->state = progress.state;
        state->stir();
      });
}

Downloads::~Downloads() = default;

std::size_t Downloads::begun() const { return state_->items.size(); }

task<DownloadedFile> Downloads::take(std::size_t index, Deadline deadline) {
  const auto state = state_;
  while (state->items.size() <= index || state->items[index].state == cdp::download::State::kInProgress) {
    const auto slot = std::make_shared<ReplySlot<bool>>(co_await boost::asio::this_coro::executor);
    state->waiting.push_back(slot);
    try {
      (void)co_await slot->wait(deadline, "a download");
    } catch (const Failure&) {
      const char* why = state->items.size() <= index ? "none began in time" : "it was not complete in time";
      throw Failure(Outcome::kPageChanged, why);
    }
  }
  const Item item = state->items[index];
  if (item.state == cdp::download::State::kCanceled) throw Failure(Outcome::kPageChanged, "the browser gave it up");
  const UniqueFd directory(::open(state->directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  auto content = read_download(directory.get(), item.guid);
  ::unlinkat(directory.get(), item.guid.c_str(), 0);
  if (!content) {
    throw Failure(Outcome::kPageChanged, "its file cannot be read, is none, or is larger than a list of codes");
  }
  co_return DownloadedFile{.name = item.name, .content = std::move(*content)};
}

}  // namespace totpilot::page

#include "drivers/page/downloads.h"

#include "agent/base/file.h"
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
  const std::filesystem::path path = state->directory / item.guid;
  DownloadedFile file{.name = item.name, .content = {}};
  try {
    file.content = Secret(read_file(path, kLargest));
  } catch (const Failure&) {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    throw Failure(Outcome::kPageChanged, "its file cannot be read, or is larger than a list of codes");
  }
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  co_return file;
}

}  // namespace totpilot::page

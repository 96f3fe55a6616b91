#include "agent/cli/progress.h"

#include <cstdio>

#include "agent/cli/terminal.h"

namespace totpilot::cli {
namespace {

constexpr std::size_t kNameColumn = 56;

/// `text` cut to `columns`, at a character's boundary.
std::string shortened(std::string text, std::size_t columns) {
  std::size_t shown = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U) continue;
    if (++shown < columns) continue;
    if (i + 1 < text.size()) return text.substr(0, i) + "…";
  }
  return text;
}

std::string padded(std::string text, std::size_t columns) {
  const auto shown = static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
  if (shown < columns) text.append(columns - shown, ' ');
  return text;
}

std::string indent(const std::string& number) {
  return std::string(2 + 2 * static_cast<std::size_t>(std::ranges::count(number, '.')), ' ');
}

}  // namespace

ProgressView::ProgressView(const Output& output, const boost::asio::any_io_executor& executor)
    : output_(output),
      live_(is_terminal(Stream::kError) && output.loudness() != Loudness::kQuiet && !output.json()),
      tick_(executor) {}

ProgressView::~ProgressView() {
  tick_.cancel();
  if (drawn_) std::fputs("\r\x1b[K", stderr);
}

void ProgressView::on_event(const services::Event& event) {
  if (output_.json() || output_.loudness() == Loudness::kQuiet) return;
  const bool still_waiting = std::holds_alternative<services::Waiting>(event);
  if (waiting_ && !still_waiting) {
    waiting_ = false;
    tick_.cancel();
  }
  std::visit([this](const auto& one) { show(one); }, event);
  draw_live_line();
}

void ProgressView::show(const services::FlowStarted& event) {
  write_line(output_.on_error(Tint::kStrong, fmt::format("{} {}", event.flow, printable(event.account))));
}

void ProgressView::show(const services::StepStarted& event) {
  running_.push_back({event.number, printable(event.name)});
}

void ProgressView::show(const services::StepEnded& event) {
  std::erase_if(running_, [&](const Running& one) { return one.number == event.number; });
  const bool good = event.result == Outcome::kOk;
  if (event.skipped && output_.loudness() != Loudness::kVerbose) return;
  const std::string mark = event.skipped ? output_.on_error(Tint::kFaint, "-")
                           : good        ? output_.on_error(Tint::kGood, "✓")
                                         : output_.on_error(Tint::kBad, "✗");
  const std::string name =
      padded(shortened(fmt::format("{} {}", event.number, printable(event.name)), kNameColumn), kNameColumn);
  std::string text = fmt::format("{}{} {} {:>9}", indent(event.number), mark, name,
                                 event.skipped ? "skipped" : for_people(event.duration));
  if (!good) text += "  " + output_.on_error(Tint::kBad, outcome_name(event.result));
  if (!event.message.empty()) text += "  " + output_.on_error(Tint::kFaint, printable(event.message));
  write_line(text);
}

void ProgressView::show(const services::Waiting& event) {
  waiting_ = true;
  wait_what_ = printable(event.what);
  wait_reason_ = printable(event.reason);
  wait_end_ = std::chrono::steady_clock::now() + event.span;
  if (live_) {
    count_down();
  } else {
    write_line(fmt::format("  waiting: {} in {}: {}", wait_what_, for_people(event.span), wait_reason_));
  }
}

void ProgressView::show(const services::Remark& event) {
  write_line("  " + output_.on_error(Tint::kFaint, printable(event.text)));
}

void ProgressView::show(const services::FlowEnded& event) {
  running_.clear();
  const bool good = event.result == Outcome::kOk;
  std::string text = fmt::format("{} {} in {}", event.flow,
                                 output_.on_error(good ? Tint::kGood : Tint::kBad, outcome_name(event.result)),
                                 for_people(event.duration));
  if (good && !event.message.empty()) text += ": " + printable(event.message);
  write_line(text);
}

void ProgressView::write_line(const std::string& text) {
  std::fputs(fmt::format("{}{}\n", live_ ? "\r\x1b[K" : "", text).c_str(), stderr);
}

void ProgressView::draw_live_line() {
  if (!live_) return;
  drawn_ = true;
  std::string text;
  if (waiting_) {
    const auto left =
        std::max(std::chrono::milliseconds(0),
                 std::chrono::duration_cast<std::chrono::milliseconds>(wait_end_ - std::chrono::steady_clock::now()));
    text = fmt::format("  … {} in {} s: {}", wait_what_, (left.count() + 999) / 1000, wait_reason_);
  } else if (!running_.empty()) {
    text = fmt::format("{}▸ {} {}", indent(running_.back().number), running_.back().number, running_.back().name);
  }
  const auto width = static_cast<std::size_t>(terminal_width());
  std::fputs(("\r\x1b[K" + output_.on_error(Tint::kFaint, shortened(std::move(text), width))).c_str(), stderr);
  std::fflush(stderr);
}

void ProgressView::count_down() {
  tick_.expires_after(std::chrono::seconds(1));
  tick_.async_wait([this](boost::system::error_code error) {
    if (error || !waiting_) return;
    draw_live_line();
    count_down();
  });
}

}  // namespace totpilot::cli

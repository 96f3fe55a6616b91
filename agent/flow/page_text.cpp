#include "agent/flow/page_text.h"

#include <array>
#include <utility>

namespace totpilot::flow {

std::string_view route_name(Route route) {
  switch (route) {
    case Route::kText:
      return "text";
    case Route::kAttribute:
      return "attribute";
    case Route::kLink:
      return "link";
    case Route::kCopy:
      return "copy";
    case Route::kDownload:
      return "download";
    case Route::kPrint:
      return "print";
    case Route::kPicture:
      return "qr";
  }
  return "text";
}

PlacedText placed(browser::Reading reading, bool named) {
  using Kind = browser::Reading::Kind;
  Route route = Route::kText;
  switch (reading.kind) {
    case Kind::kText:
    case Kind::kValue:
      route = Route::kText;
      break;
    case Kind::kAttribute:
      route = Route::kAttribute;
      break;
    case Kind::kLink:
      route = Route::kLink;
      break;
    case Kind::kClipboard:
      route = Route::kCopy;
      break;
    case Kind::kDownload:
      route = Route::kDownload;
      break;
    case Kind::kPrint:
      route = Route::kPrint;
      break;
  }
  return {route, named, std::move(reading.where), std::move(reading.content)};
}

std::vector<std::string_view> lines_of(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\f\v";
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    const std::size_t first = line.find_first_not_of(kBlank);
    if (first == std::string_view::npos) continue;
    lines.push_back(line.substr(first, line.find_last_not_of(kBlank) - first + 1));
  }
  return lines;
}

Secret fold_spaces(const Secret& text) {
  using Fold = std::pair<std::string_view, std::string_view>;
  static constexpr std::array<Fold, 15> kFolds = {{{"\xC2\xA0", " "},
                                                   {"\xC2\xAD", ""},
                                                   {"\xE2\x80\x80", " "},
                                                   {"\xE2\x80\x82", " "},
                                                   {"\xE2\x80\x83", " "},
                                                   {"\xE2\x80\x87", " "},
                                                   {"\xE2\x80\x89", " "},
                                                   {"\xE2\x80\x8A", " "},
                                                   {"\xE2\x80\xAF", " "},
                                                   {"\xE2\x80\x8B", ""},
                                                   {"\xE2\x80\x8C", ""},
                                                   {"\xE2\x80\x8D", ""},
                                                   {"\xEF\xBB\xBF", ""},
                                                   {"\xE2\x80\x90", "-"},
                                                   {"\xE2\x80\x91", "-"}}};
  const std::string_view from = text.reveal();
  std::string to;
  to.reserve(from.size());
  for (std::size_t at = 0; at < from.size();) {
    const auto* fold =
        std::ranges::find_if(kFolds, [&](const Fold& one) { return from.substr(at).starts_with(one.first); });
    if (fold == kFolds.end()) {
      to.push_back(from[at++]);
    } else {
      to.append(fold->second);
      at += fold->first.size();
    }
  }
  return Secret(std::move(to));
}

}  // namespace totpilot::flow

#pragma once
// PageText: what a page shows or hands out, as places with texts; what the scanners for secrets and recovery codes
// read. Pure.
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/secret.h"
#include "agent/browser/page_port.h"

namespace totpilot::flow {

/// How a text was got; the word goes into the factor's source ("text+qr").
enum class Route { kText, kAttribute, kLink, kCopy, kDownload, kPrint, kPicture };
std::string_view route_name(Route route);  // "text", "attribute", "link", "copy", "download", "print", "qr"

struct PlacedText {
  Route route = Route::kText;
  bool named = false;  // the playbook names this very place
  std::string where;   // for people; never the content
  Secret text;
};
using PageText = std::vector<PlacedText>;

PlacedText placed(browser::Reading reading, bool named = false);

/// Lines of `text` without the white space around them; empty ones left out. Views into `text`.
std::vector<std::string_view> lines_of(std::string_view text);
/// No-break, thin and zero-width spaces and typographic dashes as their ASCII cousins (zero-width ones vanish).
Secret fold_spaces(const Secret& text);

}  // namespace totpilot::flow

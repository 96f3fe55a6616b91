#include "drivers/page/keys.h"

#include <array>
#include <cctype>

#include "agent/base/failure.h"

namespace totpilot::page {

cdp::input::Key key_named(const std::string& name) {
  using Key = cdp::input::Key;
  static const std::array<Key, 14> kNamed = {
      Key{"Enter", "Enter", "\r", 13},
      Key{"Tab", "Tab", "", 9},
      Key{"Escape", "Escape", "", 27},
      Key{"Backspace", "Backspace", "", 8},
      Key{"Delete", "Delete", "", 46},
      Key{"ArrowUp", "ArrowUp", "", 38},
      Key{"ArrowDown", "ArrowDown", "", 40},
      Key{"ArrowLeft", "ArrowLeft", "", 37},
      Key{"ArrowRight", "ArrowRight", "", 39},
      Key{"Home", "Home", "", 36},
      Key{"End", "End", "", 35},
      Key{"PageUp", "PageUp", "", 33},
      Key{"PageDown", "PageDown", "", 34},
      Key{" ", "Space", " ", 32},
  };
  const std::string wanted = name == "Space" ? " " : name;
  const auto found = std::ranges::find(kNamed, wanted, &Key::name);
  if (found != kNamed.end()) return *found;
  if (wanted.size() == 1 && std::isalnum(static_cast<unsigned char>(wanted[0])) != 0) {
    const char upper = static_cast<char>(std::toupper(static_cast<unsigned char>(wanted[0])));
    return {wanted, (std::isdigit(static_cast<unsigned char>(upper)) != 0 ? "Digit" : "Key") + std::string(1, upper),
            wanted, upper};
  }
  throw Failure(Outcome::kInvalidInput, "there is no key named \"" + name + "\"",
                "use a DOM key name: Enter, Tab, Escape, Space, Backspace, Delete, Home, End, PageUp, PageDown, "
                "ArrowUp, ..., a letter or a digit");
}

}  // namespace totpilot::page

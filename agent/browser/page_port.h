#pragma once
// PagePort: one page, in about a dozen verbs. Belongs to its SessionPort; used from the browser io_context only.
//
// Every verb waits by itself until its element is attached, visible, stable, enabled and receives events (as far as the
// verb needs it), searching all same-process frames and open and closed shadow roots below the locator's scope.
// Failures:
// - page_changed: no match, more than one (candidates listed), or the element never became usable; says which and why
// - origin_blocked: a secret, and the frame's self.origin is not among its pins
// - app_unreachable: the address does not answer
// - browser_lost: the page or the browser went away
// - timed_out: the page stopped answering
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/base/async.h"
#include "agent/base/clock.h"
#include "agent/base/secret.h"
#include "agent/browser/bound_secret.h"
#include "agent/browser/locator.h"

namespace totpilot::browser {

/// Asked only when the field is ready to be filled, so that a code is made as late as can be. What it throws ends the
/// verb.
using SecretSupplier = std::function<task<BoundSecret>()>;

struct Arrival {
  int status = 0;   // HTTP status of the document; 0 where the browser does not say
  std::string url;  // where it ended, after redirects
};

/// One place on the page that may hold a secret or recovery codes.
struct Reading {
  enum class Kind { kText, kValue, kAttribute, kLink, kClipboard, kDownload, kPrint };
  Kind kind = Kind::kText;
  std::string where;  // "<code> in form#twofa_form", "data-mw-qrcode-url of div.mw-display-qrcode"; never the content
  Secret content;     // one block of text (lines kept), UTF-8
};

struct Picture {
  std::string where;
  Secret png;  // as the page shows the element, at least 2 device pixels per CSS pixel for small ones
};

/// What is on the page now, for a report. Made with every field's value, every code and every picture masked.
struct Evidence {
  std::string url;  // without query and fragment
  std::string title;
  std::string outline;  // indented roles and names
  std::string png;      // empty where a picture must not be taken
};

struct ServerTime {
  TimePoint at;                          // the app's Date header, whole seconds
  std::chrono::milliseconds round_trip;  // `at` is that uncertain, plus one second
  TimePoint measured;                    // our clock, at the middle of the round trip
};

enum class Handout { kClipboard, kDownload, kPrint };
enum class Checked { kYes, kNo };
enum class Pictures { kTake, kSkip };

class PagePort {
 public:
  virtual ~PagePort() = default;

  /// Opens an http(s) address and returns when its DOM is ready. Other schemes: invalid_input.
  virtual task<Arrival> open(std::string url, Deadline deadline) = 0;
  /// The main frame's address as last seen.
  virtual std::string url() const = 0;

  /// The index of the first condition (in the given order) that holds; survives navigations. page_changed when none
  /// does in time.
  virtual task<std::size_t> wait_for(std::vector<Condition> any, Deadline deadline) = 0;

  virtual task<void> click(Locator target, Deadline deadline) = 0;
  /// Clicks if there is exactly one visible match within `deadline`'s short wait; tells whether it did. For banners.
  virtual task<bool> click_if_there(Locator target, Deadline deadline) = 0;
  /// Replaces the field's value by a text that is no secret.
  virtual task<void> fill(Locator target, std::string text, Deadline deadline) = 0;
  /// Replaces the field's value, in one call that compares the origin, fills and reads back. A password goes into
  /// password fields only.
  virtual task<void> fill_secret(Locator target, SecretSupplier supplier, Deadline deadline) = 0;
  virtual task<void> set_checked(Locator target, Checked wanted, Deadline deadline) = 0;
  /// Chooses an option of a <select> by its text or value.
  virtual task<void> select(Locator target, std::string option, Deadline deadline) = 0;
  /// A key by its DOM name ("Enter", "Escape", "Tab"), to `target` or to what has the focus.
  virtual task<void> press(std::string key, std::optional<Locator> target, Deadline deadline) = 0;
  virtual task<void> upload(Locator target, std::string path, Deadline deadline) = 0;

  /// All texts, form values, telling attributes (alt, title, aria-label, data-*, href) below `scope` (or the whole
  /// page).
  virtual task<std::vector<Reading>> read(std::optional<Locator> scope, Deadline deadline) = 0;
  /// Pictures of what may be a QR code below `scope`: img, svg, canvas, elements with a background image; at most 8,
  /// largest first.
  virtual task<std::vector<Picture>> pictures(std::optional<Locator> scope, Deadline deadline) = 0;
  /// Clicks, and returns what the page then copies, downloads or prints.
  virtual task<Reading> receive(Locator button, Handout handout, Deadline deadline) = 0;

  /// The app's clock, by one same-origin HEAD request of the page; nothing where the app sends no Date.
  virtual task<std::optional<ServerTime>> server_time(Deadline deadline) = 0;
  /// Never throws for a page in a bad state: gives what it can.
  virtual task<Evidence> evidence(Pictures pictures, Deadline deadline) = 0;
};

}  // namespace totpilot::browser

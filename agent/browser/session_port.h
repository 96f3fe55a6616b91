#pragma once
// SessionPort: one disposable browser context, with nothing of it on disk. Destroying it ends the context and its
// browser process.
#include <memory>
#include <string>

#include "agent/base/async.h"
#include "agent/base/secret.h"
#include "agent/browser/page_port.h"

namespace totpilot::browser {

enum class DialogAnswer { kAccept, kDismiss };

class SessionPort {
 public:
  virtual ~SessionPort() = default;

  /// The page that verbs go to: the first one, or the one last followed.
  virtual PagePort& page() = 0;
  /// Makes the newest tab or popup the page; waits for one that is still to open.
  virtual task<void> follow_new_page(Deadline deadline) = 0;
  /// Back to the first page; closes the others.
  virtual task<void> return_to_first_page(Deadline deadline) = 0;
  /// How alert, confirm and beforeunload are answered from now on (at first: alert and beforeunload accepted, confirm
  /// and prompt dismissed).
  virtual void answer_dialogs(DialogAnswer answer) = 0;

  /// Cookies, localStorage and IndexedDB as Playwright's storage state (JSON), with sessionStorage beside it under
  /// "sessionStorage"; of the origins visited.
  virtual task<Secret> export_state(Deadline deadline) = 0;
  virtual task<void> import_state(const Secret& state, Deadline deadline) = 0;

  /// Ends it in order; the destructor does it at once.
  virtual task<void> close(Deadline deadline) = 0;
};

}  // namespace totpilot::browser

#pragma once
// Downloads: what the pages of one browser context download, as the browser reports it. Kept by the session port, fed
// by the browser session's events, read by pages. Browser io_context only.
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "agent/base/async.h"
#include "agent/base/secret.h"
#include "drivers/cdp/session.h"

namespace totpilot::page {

struct DownloadedFile {
  std::string name;  // as the page suggests it
  Secret content;
};

class Downloads {
 public:
  /// `browser` is the session on which Browser.setDownloadBehavior{behavior: allowAndName, downloadPath, eventsEnabled:
  /// true} was or will be sent; `directory` is that path as this process sees it. Files lie there under the download's
  /// guid.
  Downloads(cdp::Session& browser, std::filesystem::path directory);
  ~Downloads();

  /// How many downloads have begun; read it before doing what causes one.
  std::size_t begun() const;
  /// The download with this index (0: the first of the session), once complete; its file is removed. page_changed when
  /// the browser gave it up, when none begins in time, or when what lies there is no file of the browser's or larger
  /// than 1 MiB.
  task<DownloadedFile> take(std::size_t index, Deadline deadline);

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the event handlers, which may outlive a destroyed session by one turn
};

}  // namespace totpilot::page

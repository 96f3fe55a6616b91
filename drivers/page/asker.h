#pragma once
// Asker: one question to the page scripts, asked until it is answered: again in the next document after a navigation,
// and again after closed shadow roots were handed over. Turns a miss into a Failure with the scripts' own words.
// Browser io_context only.
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "agent/browser/locator.h"
#include "drivers/page/frames.h"

namespace totpilot::page {

/// A frame of the page and the chain of iframe elements it was reached by, outermost first.
struct FrameRef {
  struct Owner {
    World world;  // of the document that holds the element
    int handle = 0;
  };
  std::string id;
  std::vector<Owner> owners;
};

struct Question {
  std::string verb;
  nlohmann::json request = nlohmann::json::object();
  std::string doing;  // for messages: "click", "fill {field: username}"
  cdp::Sensitivity sensitivity = cdp::Sensitivity::kPlain;
};

struct Answer {
  nlohmann::json value;
  World world;  // where it was answered; handles in the value belong to it
};

struct Offset {
  double x = 0;
  double y = 0;
};

class Asker {
 public:
  Asker(std::shared_ptr<Frames> frames, std::string test_id_attribute)
      : frames_(std::move(frames)), test_id_attribute_(std::move(test_id_attribute)) {}

  FrameRef main() const { return {frames_->main_frame(), {}}; }
  Frames& frames() { return *frames_; }

  /// page_changed with the reason when the time is up; timed_out when the page does not even say so. Throws FrameGone.
  task<Answer> ask(FrameRef frame, Question question, Deadline deadline);
  /// Once, in this very document; std::nullopt when that is gone.
  task<std::optional<nlohmann::json>> ask_here(World world, Question question, Deadline deadline);

  /// The frame of an iframe element; the page itself for null. page_changed when there is no such element or it holds
  /// no frame.
  task<FrameRef> resolve(std::shared_ptr<const browser::Locator> frame, Deadline deadline);
  /// Where the frame's viewport lies in the page's, its iframe elements brought into view.
  task<Offset> offset_of(FrameRef frame, Deadline deadline);
  /// A held element of a document as a protocol object.
  task<std::string> object_of(World world, int handle, Deadline deadline);

 private:
  nlohmann::json arguments_for(const Question& question, Deadline deadline, bool may_search_closed) const;
  task<void> search_closed(World world, Deadline deadline);

  std::shared_ptr<Frames> frames_;
  std::string test_id_attribute_;
};

}  // namespace totpilot::page

#include "drivers/page/asker.h"

#include "agent/base/log.h"
#include "drivers/cdp/dom.h"
#include "drivers/page/injected.h"
#include "drivers/page/request.h"

namespace totpilot::page {

using nlohmann::json;

namespace {

/// The scripts wait until the deadline; their answer, which holds the reason of a miss, may take this much longer on a
/// slow page.
constexpr auto kAnswerGrace = std::chrono::seconds(2);

Deadline answer_by(Deadline deadline) { return Deadline::at(deadline.when() + kAnswerGrace); }

Outcome outcome_of(const std::string& code) {
  if (code == "invalid_input") return Outcome::kInvalidInput;
  return code == "origin_blocked" ? Outcome::kOriginBlocked : Outcome::kPageChanged;
}

/// Every answer tells where its document is.
void note_address(Frames& frames, const World& world, const json& answer) {
  if (std::string at = cdp::text_or(answer, "at"); !at.empty()) frames.note_address(world, std::move(at));
}

Failure script_failed(const std::string& doing, const cdp::runtime::ScriptError& error) {
  log::debug("page script: {}", error.text);
  return Failure(Outcome::kInternal, "the page script failed (" + doing + ")");
}

}  // namespace

json Asker::arguments_for(const Question& question, Deadline deadline, bool may_search_closed) const {
  json request = question.request;
  request["within"] = deadline.remaining().count();
  request["closed"] = may_search_closed;
  request["test_id_attribute"] = test_id_attribute_;
  json arguments = json::array();
  arguments.push_back(question.verb);
  arguments.push_back(std::move(request));
  return arguments;
}

task<std::optional<json>> Asker::ask_here(World world, Question question, Deadline deadline) {
  const auto frames = frames_;
  std::exception_ptr lost;
  try {
    // Named, because the call must not be built from temporaries of this expression.
    cdp::runtime::Function function{injected::kRun, arguments_for(question, deadline, false), question.sensitivity};
    json answer = co_await cdp::runtime::call(*world.session, world.context, std::move(function), answer_by(deadline));
    note_address(*frames, world, answer);
    if (const auto refused = answer.find("refused"); refused != answer.end()) {
      throw Failure(outcome_of(cdp::text_or(*refused, "code")),
                    "cannot " + question.doing + ": " + cdp::text_or(*refused, "message"));
    }
    if (const auto value = answer.find("value"); value != answer.end()) co_return std::move(*value);
    co_return json();
  } catch (const cdp::ProtocolError& error) {
    if (!error.gone()) {
      log::debug("{}: {}", error.method(), error.text());
      throw Failure(Outcome::kBrowserLost, "the browser refused to " + question.doing);
    }
  } catch (const cdp::runtime::ScriptError& error) {
    throw script_failed(question.doing, error);
  } catch (const Failure& failure) {
    // An out-of-process frame that ended is a document that is gone; the page itself is not.
    if (failure.code() != Outcome::kBrowserLost || frames->lost() || !world.session->ended()) throw;
  }
  frames->discard(world);
  co_return std::nullopt;
}

task<Answer> Asker::ask(FrameRef frame, Question question, Deadline deadline) {
  for (;;) {
    World world = co_await frames_->world(frame.id, Whose::kOurs, deadline);
    bool gone = false;
    bool closed = false;
    try {
      cdp::runtime::Function function{injected::kRun, arguments_for(question, deadline, true), question.sensitivity};
      json answer =
          co_await cdp::runtime::call(*world.session, world.context, std::move(function), answer_by(deadline));
      note_address(*frames_, world, answer);
      if (const auto value = answer.find("value"); value != answer.end())
        co_return Answer{std::move(*value), std::move(world)};
      if (const auto miss = answer.find("miss"); miss != answer.end() && miss->is_string()) {
        throw Failure(Outcome::kPageChanged, "cannot " + question.doing + ": " + miss->get<std::string>());
      }
      if (const auto refused = answer.find("refused"); refused != answer.end()) {
        throw Failure(outcome_of(cdp::text_or(*refused, "code")),
                      "cannot " + question.doing + ": " + cdp::text_or(*refused, "message"));
      }
      closed = answer.contains("closed");
      if (!closed) throw Failure(Outcome::kInternal, "the page script gave no answer (" + question.doing + ")");
    } catch (const cdp::ProtocolError& error) {
      if (!error.gone()) {
        log::debug("{}: {}", error.method(), error.text());
        throw Failure(Outcome::kBrowserLost, "the browser refused to " + question.doing);
      }
      gone = true;
    } catch (const cdp::runtime::ScriptError& error) {
      throw script_failed(question.doing, error);
    } catch (const Failure& failure) {
      if (failure.code() == Outcome::kTimedOut)
        throw Failure(Outcome::kTimedOut, "the page stopped answering (" + question.doing + ")");
      if (failure.code() != Outcome::kBrowserLost || frames_->lost() || !world.session->ended()) throw;
      gone = true;
    }
    if (gone) frames_->discard(world);
    if (closed) co_await search_closed(std::move(world), deadline);
  }
}

task<void> Asker::search_closed(World world, Deadline deadline) {
  try {
    for (const cdp::dom::ClosedRoot& root : co_await cdp::dom::closed_roots(*world.session, deadline)) {
      // The frame that was asked, or one of its same-process frames, each in its own world.
      const World owner = root.frame_id.empty() || root.frame_id == world.frame_id
                              ? world
                              : frames_->current(root.frame_id, Whose::kOurs);
      if (!owner.session) continue;
      std::string object = co_await cdp::dom::resolve(*owner.session, root.backend_node_id, owner.context_id, deadline);
      co_await cdp::runtime::call_on(*owner.session, std::move(object), injected::kAdoptRoot, deadline);
    }
  } catch (const cdp::ProtocolError& error) {
    // A node or document that went away meanwhile, or a tree too deep for the protocol: nothing more to be had.
    log::debug("closed shadow roots: {}: {}", error.method(), error.text());
  } catch (const cdp::runtime::ScriptError& error) {
    log::debug("closed shadow roots: {}", error.text);
  }
  (void)co_await ask_here(std::move(world),
                          Question{.verb = "closed_search_done", .doing = "look for closed shadow roots"}, deadline);
}

task<std::string> Asker::object_of(World world, int handle, Deadline deadline) {
  json arguments = json::array();
  arguments.push_back(handle);
  cdp::runtime::Function function{injected::kElement, std::move(arguments)};
  co_return co_await cdp::runtime::call_for_object(*world.session, world.context, std::move(function), deadline);
}

task<FrameRef> Asker::resolve(std::shared_ptr<const browser::Locator> frame, Deadline deadline) {
  if (!frame) co_return main();
  const std::string says = to_string(*frame);
  for (;;) {
    FrameRef outer = co_await resolve(frame_of(*frame), deadline);
    try {
      Question question{.verb = "locate",
                        .request = {{"target", to_request(*frame)}, {"need", "attached"}},
                        .doing = "find the frame " + says};
      Answer found = co_await ask(outer, std::move(question), deadline);
      const int handle = found.value.value("handle", 0);
      std::string object = co_await object_of(found.world, handle, deadline);
      std::string id =
          object.empty() ? object : co_await cdp::dom::frame_of(*found.world.session, std::move(object), deadline);
      if (id.empty())
        throw Failure(Outcome::kPageChanged,
                      says + " is " + cdp::text_or(found.value, "says") + ", which holds no frame");
      FrameRef inner{std::move(id), std::move(outer.owners)};
      inner.owners.push_back({std::move(found.world), handle});
      co_return inner;
    } catch (const FrameGone&) {
      continue;  // replaced: found again
    } catch (const cdp::ProtocolError& error) {
      if (!error.gone()) throw Failure(Outcome::kBrowserLost, "the browser refused to find the frame " + says);
    }
  }
}

task<Offset> Asker::offset_of(FrameRef frame, Deadline deadline) {
  Offset offset;
  for (const FrameRef::Owner& owner : frame.owners) {
    Question question{.verb = "frame_box", .request = {{"handle", owner.handle}}, .doing = "find where the frame is"};
    const auto box = co_await ask_here(owner.world, std::move(question), deadline);
    if (!box) throw FrameGone{};
    offset.x += box->value("x", 0.0);
    offset.y += box->value("y", 0.0);
  }
  co_return offset;
}

}  // namespace totpilot::page

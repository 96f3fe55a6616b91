// receive: a click, and what the page copies, downloads or prints because of it. The traps are laid before the click.
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "drivers/page/injected.h"
#include "drivers/page/page_port.h"
#include "drivers/page/request.h"

namespace totpilot::page {

using browser::Handout;
using browser::Locator;
using browser::Reading;
using nlohmann::json;

namespace {

/// The text of a trap's answer, or nothing when its time was up.
task<Secret> caught(task<json> answer) {
  json reply = co_await std::move(answer);
  json& text = reply.is_object() && reply.contains("value") ? reply["value"] : reply;
  auto* held = text.get_ptr<std::string*>();
  if (!held || held->empty()) throw Failure(Outcome::kPageChanged, "nothing came");
  co_return Secret(std::move(*held));
}

}  // namespace

task<Reading> Page::receive(Locator button, Handout handout, Deadline deadline) {
  if (handout != Handout::kDownload) co_return co_await receive_trapped(std::move(button), handout, deadline);
  if (!options_.downloads) throw Failure(Outcome::kInternal, "this browser session takes no downloads");
  const std::size_t next = options_.downloads->begun();
  std::string says = to_string(button);
  co_await click(std::move(button), deadline);
  try {
    DownloadedFile file = co_await options_.downloads->take(next, deadline);
    co_return Reading{.kind = Reading::Kind::kDownload,
                      .where = "the download \"" + file.name + "\"",
                      .content = std::move(file.content)};
  } catch (const Failure& failure) {
    throw Failure(failure.code(), "clicking " + says + " downloaded nothing: " + failure.message());
  }
}

task<Reading> Page::receive_trapped(Locator button, Handout handout, Deadline deadline) {
  using namespace boost::asio::experimental::awaitable_operators;  // only for ||
  const bool clipboard = handout == Handout::kClipboard;
  const std::string says = to_string(button);
  button = co_await settled(std::move(button), deadline);
  // Wait for the button first: a trap dies with its document, and the page may still be on its way.
  Question there{.verb = "locate", .request = {{"need", "visible"}}, .doing = "click " + says};
  const InFrame found = co_await ask_about(button, std::move(there), deadline);
  const World own = co_await frames_->world(found.frame.id, Whose::kPages, deadline);
  const World ours = found.answer.world;
  const std::int64_t within =
      std::max<std::int64_t>(0, (deadline.remaining() - std::chrono::milliseconds(200)).count());

  json trap_arguments = json::array({clipboard ? "clipboard" : "print", within});
  json copy_arguments = json::array({"await_copy", {{"within", within}}});
  cdp::runtime::Function trap_function{injected::kTrapHandout, std::move(trap_arguments), cdp::Sensitivity::kSecret};
  cdp::runtime::Function copy_function{injected::kRun, std::move(copy_arguments), cdp::Sensitivity::kSecret};
  // Both leave now, before the click, and are awaited after it.
  task<json> trap = cdp::runtime::call(*own.session, own.context, std::move(trap_function), deadline);
  task<json> copy = cdp::runtime::call(*ours.session, ours.context, std::move(copy_function), deadline);
  co_await click(std::move(button), deadline);

  Secret content;
  bool came = true;
  try {
    auto either = co_await (caught(std::move(trap)) || caught(std::move(copy)));
    content = std::visit([](Secret& text) { return std::move(text); }, either);
  } catch (const Failure& failure) {
    if (failure.code() == Outcome::kBrowserLost) throw;
    came = false;
  } catch (const std::exception&) {
    came = false;  // the document went away with the trap in it
  }
  if (!came)
    throw Failure(Outcome::kPageChanged, "clicking " + says + (clipboard ? " copied nothing" : " printed nothing"));
  co_return Reading{.kind = clipboard ? Reading::Kind::kClipboard : Reading::Kind::kPrint,
                    .where = clipboard ? "the clipboard" : "the print view",
                    .content = std::move(content)};
}

}  // namespace totpilot::page

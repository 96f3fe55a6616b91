// Where the page goes and what it is asked about.
#include <algorithm>

#include "drivers/cdp/document.h"
#include "drivers/page/page_port.h"
#include "drivers/page/request.h"

namespace totpilot::page {

using browser::Locator;

std::unique_ptr<browser::PagePort> make_page(std::shared_ptr<cdp::Session> session, PageOptions options) {
  return std::make_unique<Page>(std::move(session), std::move(options));
}

Page::Page(std::shared_ptr<cdp::Session> session, PageOptions options)
    : frames_(std::make_shared<Frames>(std::move(session))),
      options_(std::move(options)),
      asker_(frames_, options_.test_id_attribute) {
  frames_->start();
}

namespace {

/// "net::ERR_CONNECTION_REFUSED" as words: "connection refused".
std::string in_words(const std::string& error) {
  constexpr std::string_view kPrefix = "net::ERR_";
  std::string words = error.starts_with(kPrefix) ? error.substr(kPrefix.size()) : error;
  std::ranges::transform(words, words.begin(),
                         [](unsigned char c) { return c == '_' ? ' ' : static_cast<char>(std::tolower(c)); });
  return words;
}

}  // namespace

task<browser::Arrival> Page::open(std::string url, Deadline deadline) {
  const std::string address = below(options_.base_url, url);
  const auto origin = Origin::parse(address);
  if (!origin) throw Failure(Outcome::kInvalidInput, "cannot open " + bare_url(address) + ": " + origin.error());
  frames_->throw_if_lost();
  const World before = frames_->current(frames_->main_frame(), Whose::kOurs);
  cdp::document::Navigation navigation;
  try {
    navigation = co_await cdp::document::navigate(frames_->page(), address, deadline);
  } catch (const cdp::ProtocolError&) {
    throw Failure(Outcome::kBrowserLost, "the browser refused to open " + bare_url(address));
  }
  if (!navigation.error.empty()) {
    throw Failure(Outcome::kAppUnreachable,
                  bare_url(address) + " does not answer (" + in_words(navigation.error) + ")");
  }
  // The old document's world may still be listed: events come by another way than the reply.
  if (!navigation.same_document && before.session) frames_->discard(before);
  const Answer arrived =
      co_await asker_.ask(asker_.main(), Question{.verb = "arrive", .doing = "open " + bare_url(address)}, deadline);
  co_return browser::Arrival{.status = arrived.value.value("status", 0),
                             .url = cdp::text_or(arrived.value, "url", frames_->url())};
}

task<Page::InFrame> Page::ask_about(Locator target, Question question, Deadline deadline) {
  target = co_await settled(std::move(target), deadline);
  question.request["target"] = to_request(target);
  for (;;) {
    FrameRef frame = co_await asker_.resolve(frame_of(target), deadline);
    try {
      Answer answer = co_await asker_.ask(frame, question, deadline);
      co_return InFrame{std::move(answer), std::move(frame)};
    } catch (const FrameGone&) {
      continue;  // replaced: found again
    }
  }
}

task<std::optional<browser::ServerTime>> Page::server_time(Deadline deadline) {
  if (!options_.clock) co_return std::nullopt;
  const TimePoint sent = options_.clock->now();
  const auto began = Deadline::Clock::now();
  const Answer answer =
      co_await asker_.ask(asker_.main(), Question{.verb = "server_date", .doing = "read the app's clock"}, deadline);
  const auto span = std::chrono::duration_cast<std::chrono::milliseconds>(Deadline::Clock::now() - began);
  if (!answer.value.is_object()) co_return std::nullopt;
  const auto millis = answer.value.find("date");
  if (millis == answer.value.end() || !millis->is_number()) co_return std::nullopt;
  co_return browser::ServerTime{
      .at = from_millis(millis->get<std::int64_t>()), .round_trip = span, .measured = sent + span / 2};
}

}  // namespace totpilot::page

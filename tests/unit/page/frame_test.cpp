#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include "tests/unit/page/page_test.h"

namespace totpilot::tests {
namespace {

using browser::Locator;
using browser::SecretKind;

using Shadow = PageTest;

TEST_F(Shadow, OpenRootsArePartOfThePage) {
  open("/shadow.html");

  fill(by(Locator::Kind::kLabel, "Open name"), "Ann");
  click(role("button", "Open save"));

  EXPECT_EQ(log(), "Open Ann");
}

TEST_F(Shadow, ClosedRootsAreFoundAfterAMiss) {
  open("/shadow.html");

  fill(by(Locator::Kind::kLabel, "Closed name"), "Ann");
  click(role("button", "Closed save"));

  EXPECT_EQ(log(), "Closed Ann");
}

TEST_F(Shadow, ClosedRootsOfPlainElementsAreFoundToo) {
  open("/shadow.html");

  click(role("button", "Bare save"));

  EXPECT_EQ(log(), "Bare ");
}

class InFrames : public PageTest {
 protected:
  void SetUp() override {
    PageTest::SetUp();
    open("/frames.html?" + site().other_port() + "&" + site().other_site());
  }
};

class InEachFrame : public InFrames, public testing::WithParamInterface<const char*> {};

TEST_P(InEachFrame, APressLandsWhereItShould) {
  click(in_frame(role("button", "Enter"), GetParam()));

  EXPECT_EQ(log_in(GetParam()), "pressed");
}

TEST_P(InEachFrame, TheFrameIsFollowedWhereItGoes) {
  click(in_frame(role("link", "Go on"), GetParam()));
  run(page().wait_for({shows(in_frame(role("heading", "Arrived"), GetParam()))}, soon()));

  EXPECT_EQ(log_in(GetParam()), "?by=link");
}

INSTANTIATE_TEST_SUITE_P(OfEachKind, InEachFrame, testing::Values("#same", "#port", "#site"),
                         [](const auto& each) { return std::string(each.param + 1); });

TEST_F(InFrames, SameOriginFramesAreSearchedWhereThePageItselfHasNoMatch) {
  click(role("button", "Enter"));

  EXPECT_EQ(log_in("#same"), "pressed");
}

TEST_F(InFrames, ASecretGoesToAFrameOfAPinnedOrigin) {
  run(page().fill_secret(in_frame(css("input"), "#site"),
                         secret(SecretKind::kPassword, "hunter2", {site().origin(), site().other_site()}), soon()));

  EXPECT_EQ(log_in("#site"), "typed 7");
}

TEST_F(InFrames, ASecretDoesNotGoToAFrameOfAnotherOrigin) {
  for (const char* frame : {"#site", "#port"}) {
    const Failure failure =
        failure_of(page().fill_secret(in_frame(css("input"), frame), secret(SecretKind::kPassword, "hunter2"), soon()));

    EXPECT_EQ(failure.code(), Outcome::kOriginBlocked) << failure.message();
    EXPECT_EQ(log_in(frame), "");
  }
}

TEST_F(InFrames, ASecretDoesNotGoToASandboxedFrameOfTheSameAddress) {
  const Failure failure = failure_of(
      page().fill_secret(in_frame(css("input"), "#sandboxed"), secret(SecretKind::kPassword, "hunter2"), soon()));

  EXPECT_EQ(failure.code(), Outcome::kOriginBlocked);
  EXPECT_NE(failure.message().find("it lies in a frame without an origin"), std::string::npos) << failure.message();
}

TEST_F(InFrames, SaysThatAnElementIsNoFrame) {
  const Failure failure = failure_of(page().click(in_frame(css("button"), "#log"), shortly()));

  EXPECT_NE(failure.message().find("which holds no frame"), std::string::npos) << failure.message();
}

TEST_F(InFrames, AlternativesInDifferentFramesAreTriedTogether) {
  Locator either = by(Locator::Kind::kAnyOf);
  either.alternatives = {in_frame(css("#nothing"), "#site"), in_frame(role("button", "Enter"), "#port")};

  click(either);

  EXPECT_EQ(log_in("#port"), "pressed");
}

/// What the work ends with when it is cancelled once the page has answered `meanwhile`.
task<std::exception_ptr> cancelled_after(task<std::size_t> work, task<std::vector<browser::Reading>> meanwhile) {
  const auto executor = co_await boost::asio::this_coro::executor;
  ReplySlot<std::exception_ptr> ended(executor);
  boost::asio::cancellation_signal signal;
  boost::asio::co_spawn(executor, std::move(work),
                        boost::asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr error, std::size_t) {
                          ended.set(std::move(error));
                        }));
  (void)co_await std::move(meanwhile);
  signal.emit(boost::asio::cancellation_type::terminal);
  co_return co_await ended.wait(soon(), "the end of the work");
}

TEST_F(InFrames, AWaitOverFramesThatIsCancelledLeavesNoneOfItsWaitsBehind) {
  const auto error =
      run(cancelled_after(page().wait_for({shows(css("#nothing")), shows(in_frame(css("#nothing"), "#site")),
                                           shows(in_frame(css("#nothing"), "#no-such-frame"))},
                                          soon()),
                          page().read(css("#log"), soon())));

  EXPECT_TRUE(error);
  // Would have been woken by this, had they been left.
  click(in_frame(role("button", "Enter"), "#site"));
  EXPECT_EQ(log_in("#site"), "pressed");
}

TEST_F(InFrames, AlternativesInFramesThatLostLeaveNoneOfTheirWaitsBehind) {
  Locator neither = by(Locator::Kind::kAnyOf);
  neither.alternatives = {in_frame(css("#nothing"), "#site"), in_frame(css("#no-log"), "#port")};

  EXPECT_EQ(run(page().wait_for({shows(neither), shows(in_frame(role("button", "Enter"), "#port"))}, soon())), 1U);
  click(in_frame(role("button", "Enter"), "#site"));
  EXPECT_EQ(log_in("#site"), "pressed");
}

TEST_F(InFrames, APictureOfAnElementInAnotherProcessIsAClipOfThePage) {
  const auto pictures = run(page().pictures(in_frame(css("body"), "#site"), soon()));

  EXPECT_TRUE(pictures.empty());
}

}  // namespace
}  // namespace totpilot::tests

#include "tests/unit/page/page_test.h"

namespace totpilot::tests {
namespace {

using browser::Handout;

class Receiving : public PageTest {
 protected:
  void SetUp() override {
    PageTest::SetUp();
    open("/receive.html");
  }
  std::string received(const std::string& button, Handout handout) {
    return std::string(run(page().receive(css(button), handout, soon())).content.reveal());
  }
};

TEST_F(Receiving, CatchesWhatTheClipboardApiIsGiven) {
  EXPECT_EQ(received("#modern", Handout::kClipboard), "MODERN-TEXT");
}

TEST_F(Receiving, LetsThePageBelieveThatItCopied) {
  (void)received("#modern", Handout::kClipboard);

  wait_for_log("copied");
}

TEST_F(Receiving, CatchesAClipboardItem) { EXPECT_EQ(received("#item", Handout::kClipboard), "ITEM-TEXT"); }

TEST_F(Receiving, CatchesTheCopyCommandOfASelection) { EXPECT_EQ(received("#old", Handout::kClipboard), "OLD-TEXT"); }

TEST_F(Receiving, CatchesWhatACopyHandlerSets) { EXPECT_EQ(received("#handler", Handout::kClipboard), "HANDLER-TEXT"); }

TEST_F(Receiving, CatchesASecondCopyToo) {
  (void)received("#modern", Handout::kClipboard);

  EXPECT_EQ(received("#old", Handout::kClipboard), "OLD-TEXT");
}

TEST_F(Receiving, SaysThatNothingWasCopied) {
  const Failure failure = failure_of(page().receive(css("#idle"), Handout::kClipboard, shortly()));

  EXPECT_EQ(failure.code(), Outcome::kPageChanged);
  EXPECT_EQ(failure.message(), "clicking {css: \"#idle\"} copied nothing");
}

TEST_F(Receiving, ReadsThePageThatIsPrinted) {
  EXPECT_NE(received("#print", Handout::kPrint).find("Receive"), std::string::npos);
}

TEST_F(Receiving, ReadsAFrameThatIsPrinted) { EXPECT_EQ(received("#frame-print", Handout::kPrint), "FRAME-CODE"); }

TEST_F(Receiving, ReadsAPopupThatIsPrinted) { EXPECT_EQ(received("#popup-print", Handout::kPrint), "POPUP-CODE"); }

TEST_F(Receiving, TakesADownload) {
  const auto reading = run(page().receive(css("#file"), Handout::kDownload, soon()));

  EXPECT_EQ(reading.where, "the download \"codes.txt\"");
  EXPECT_EQ(reading.content.reveal(), "ABCD-1234\nEFGH-5678\n");
}

TEST_F(Receiving, TakesADownloadThatThePageMakes) {
  EXPECT_EQ(received("#made", Handout::kDownload), "ONE\nTWO\n");
  EXPECT_EQ(received("#blob", Handout::kDownload), "BLOB-CODE");
}

TEST_F(Receiving, LeavesNoFileBehind) {
  (void)received("#file", Handout::kDownload);

  EXPECT_TRUE(std::filesystem::is_empty(chrome().browser().downloads().as_we_see_it));
}

TEST_F(Receiving, SaysThatNothingWasDownloaded) {
  const Failure failure = failure_of(page().receive(css("#idle"), Handout::kDownload, shortly()));

  EXPECT_EQ(failure.message(), "clicking {css: \"#idle\"} downloaded nothing: none began in time");
}

}  // namespace
}  // namespace totpilot::tests

#include <png.h>

#include <set>

#include "tests/unit/page/page_test.h"

namespace totpilot::tests {
namespace {

using browser::Reading;

struct Image {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::vector<std::uint8_t> pixels;  // RGB

  std::string at(std::uint32_t x, std::uint32_t y) const {
    const std::size_t i = (std::size_t{y} * width + x) * 3;
    return fmt::format("{:02x}{:02x}{:02x}", pixels.at(i), pixels.at(i + 1), pixels.at(i + 2));
  }
  std::set<std::string> colours() const {
    std::set<std::string> all;
    for (std::uint32_t y = 0; y < height; y += 2) {
      for (std::uint32_t x = 0; x < width; x += 2) all.insert(at(x, y));
    }
    return all;
  }
};

Image decode(std::string_view png) {
  png_image header{};
  header.version = PNG_IMAGE_VERSION;
  EXPECT_NE(png_image_begin_read_from_memory(&header, png.data(), png.size()), 0);
  header.format = PNG_FORMAT_RGB;
  Image image{
      .width = header.width, .height = header.height, .pixels = std::vector<std::uint8_t>(PNG_IMAGE_SIZE(header))};
  EXPECT_NE(png_image_finish_read(&header, nullptr, image.pixels.data(), 0, nullptr), 0);
  return image;
}

class Looking : public PageTest {
 protected:
  void SetUp() override {
    PageTest::SetUp();
    open("/look.html");
  }
  std::vector<std::string> found(Reading::Kind kind, std::optional<browser::Locator> scope = {}) {
    std::vector<std::string> all;
    for (const Reading& reading : run(page().read(std::move(scope), soon()))) {
      if (reading.kind == kind) all.push_back(reading.where + ": " + std::string(reading.content.reveal()));
    }
    return all;
  }
};

bool has(const std::vector<std::string>& all, const std::string& wanted) {
  return std::ranges::find(all, wanted) != all.end();
}

TEST_F(Looking, ReadsTheKeyByItselfAndWithWhatIsAroundIt) {
  const auto texts = found(Reading::Kind::kText);

  EXPECT_TRUE(has(texts, "<kbd> in form#twofa: JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP"))
      << fmt::format("{}", fmt::join(texts, "\n"));
  EXPECT_TRUE(has(texts, "<p> in form#twofa: Key: JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP for alice"));
}

TEST_F(Looking, ReadsAListAsOneBlockOfLines) {
  EXPECT_TRUE(has(found(Reading::Kind::kText), "<ul#codes>: aaaa-1111\nbbbb-2222\ncccc-3333\ndddd-4444"));
}

TEST_F(Looking, ReadsValuesAlsoOfHiddenFields) {
  const auto values = found(Reading::Kind::kValue);

  EXPECT_TRUE(has(values, "<input[name=seed]> in form#twofa: KRUGS4ZANFZSA5DF"));
  EXPECT_TRUE(has(values, "<input[name=hidden]> in form#twofa: GEZDGNBVGY3TQOJQ"));
}

TEST_F(Looking, ReadsTellingAttributesAndLinks) {
  EXPECT_TRUE(has(found(Reading::Kind::kAttribute),
                  "data-url of <div#qr> in form#twofa: otpauth://totp/Other?secret=MFRGGZDFMZTWQ2LK"));
  EXPECT_TRUE(has(found(Reading::Kind::kAttribute), "data-clipboard-text of <button> in form#twofa: ORSXG5BAORSXG5BA"));
  EXPECT_TRUE(has(found(Reading::Kind::kLink),
                  "href of <a#uri> in form#twofa: otpauth://totp/Site:alice?secret=JBSWY3DPEHPK3PXP"));
}

TEST_F(Looking, ReadsNothingOutsideOfTheScopeNorWhatIsHidden) {
  const auto texts = found(Reading::Kind::kText, css("#codes"));

  EXPECT_EQ(texts.size(), 5U);
  for (const std::string& text : found(Reading::Kind::kText)) EXPECT_EQ(text.find("unseen"), std::string::npos);
}

TEST_F(Looking, TakesPicturesOfWhatIsSquareLargestFirst) {
  std::vector<std::string> where;
  for (const auto& picture : run(page().pictures(std::nullopt, soon()))) where.push_back(picture.where);

  EXPECT_EQ(where, (std::vector<std::string>{"<svg#svg>", "<canvas#canvas>", "<div#drawn>", "<svg#low> in div#below"}));
}

TEST_F(Looking, TakesAPictureAsThePageShowsItWithEnoughPixels) {
  const auto pictures = run(page().pictures(css("#svg"), soon()));

  ASSERT_EQ(pictures.size(), 1U);
  const Image image = decode(pictures[0].png.reveal());
  EXPECT_GE(image.width, 360U);
  EXPECT_EQ(image.at(image.width / 4, image.height / 4), "0000ff");
  EXPECT_EQ(image.at(image.width * 3 / 4, image.height * 3 / 4), "ff0000");
}

TEST_F(Looking, ScrollsToAPictureBelow) {
  const auto pictures = run(page().pictures(css("#below"), soon()));

  ASSERT_EQ(pictures.size(), 1U);
  EXPECT_EQ(decode(pictures[0].png.reveal()).colours(), std::set<std::string>{"ff00ff"});
}

TEST_F(Looking, EvidenceHasAnOutlineWithoutAnySecret) {
  const auto evidence = run(page().evidence(browser::Pictures::kSkip, soon()));

  EXPECT_EQ(evidence.title, "Set up");
  EXPECT_TRUE(evidence.png.empty());
  for (const char* shown : {"heading \"Scan the code\"", "button \"Activate\"", "text field \"Your code\" (filled)"}) {
    EXPECT_NE(evidence.outline.find(shown), std::string::npos) << evidence.outline;
  }
  for (const char* secret : {"JBSW", "KRUG", "MFRG", "ORSX", "aaaa", "1111", "correcthorse", "yellowbanana", "123456",
                             "654321", "otpauth"}) {
    EXPECT_EQ(evidence.outline.find(secret), std::string::npos) << secret << "\n" << evidence.outline;
  }
}

TEST_F(Looking, EvidenceHasAPictureInWhichNoDrawingShows) {
  const Image image = decode(run(page().evidence(browser::Pictures::kTake, soon())).png);

  const auto colours = image.colours();
  for (const char* drawn : {"ff0000", "0000ff", "00ff00"}) EXPECT_FALSE(colours.contains(drawn)) << drawn;
  EXPECT_TRUE(colours.contains("777777"));
  // And the page is as it was.
  EXPECT_EQ(run(page().pictures(css("#svg"), soon())).size(), 1U);
}

TEST_F(Looking, EvidenceMasksTitleAndPathLikeTheOutline) {
  open("/evidence.html");

  const auto evidence = run(page().evidence(browser::Pictures::kSkip, soon()));

  EXPECT_EQ(evidence.title, "Your key is [masked]");
  EXPECT_EQ(evidence.url, site().origin() + "/reset/[masked]/start");
}

TEST_F(Looking, EvidenceCoversDrawingsOfEveryMakingThatPicturesKnow) {
  open("/evidence.html");
  ASSERT_EQ(run(page().pictures(std::nullopt, soon())).size(), 3U);

  const auto colours = decode(run(page().evidence(browser::Pictures::kTake, soon())).png).colours();

  for (const char* drawn : {"ff0000", "00ff00", "0000ff"}) EXPECT_FALSE(colours.contains(drawn)) << drawn;
}

TEST_F(Looking, EvidenceOfADeadPageIsWhatThereIs) {
  session_->post("Page.crash", {});

  const auto evidence = run(page().evidence(browser::Pictures::kTake, soon()));

  EXPECT_EQ(evidence.url, site().origin());
  EXPECT_TRUE(evidence.png.empty());
}

TEST_F(Looking, ADeadPageIsALostBrowser) {
  session_->post("Page.crash", {});

  EXPECT_EQ(failure_of(page().click(css("button"), soon())).code(), Outcome::kBrowserLost);
}

}  // namespace
}  // namespace totpilot::tests

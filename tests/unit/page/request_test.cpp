#include "drivers/page/request.h"

#include <gtest/gtest.h>

#include "agent/base/failure.h"
#include "drivers/page/injected.h"
#include "drivers/page/keys.h"
#include "tests/unit/page/page_test.h"

namespace totpilot::page {
namespace {

using tests::css;
using tests::in_frame;
using tests::shared;

TEST(Request, HoldsALocatorAsThePageScriptsReadIt) {
  auto locator = tests::role("button", "Sign in");
  locator.within = shared(css(".card"));
  locator.has_text = "now";

  const auto request = to_request(locator);

  EXPECT_EQ(request["kind"], "role");
  EXPECT_EQ(request["texts"], nlohmann::json::array({"Sign in"}));
  EXPECT_EQ(request["within"]["css"], ".card");
  EXPECT_EQ(request["has_text"], "now");
  EXPECT_FALSE(request.contains("checked"));
}

TEST(Request, TakesTheFrameFromWhereverTheLocatorNamesIt) {
  auto within = css("button");
  within.within = shared(in_frame(css(".card"), "#login"));

  EXPECT_EQ(frame_of(within)->css, "#login");
  EXPECT_EQ(frame_of(tests::submit_of(in_frame(css("input"), "#login")))->css, "#login");
  EXPECT_EQ(frame_of(css("button")), nullptr);
}

TEST(Request, PutsAPathBelowTheBaseUrl) {
  EXPECT_EQ(below("https://app.example/portal/?x=1", "/login"), "https://app.example/portal/login");
  EXPECT_EQ(below("https://app.example", "https://other.example/x"), "https://other.example/x");
}

TEST(Request, NamesNoQueryInAnAddressForPeople) {
  EXPECT_EQ(bare_url("https://app.example/reset?token=1#top"), "https://app.example/reset");
}

TEST(Keys, AreKnownByTheirDomNames) {
  EXPECT_EQ(key_named("Enter").text, "\r");
  EXPECT_EQ(key_named("a").code, "KeyA");
  EXPECT_EQ(key_named("7").code, "Digit7");
  EXPECT_THROW(key_named("Return"), Failure);
}

TEST(PageScripts, AreEmbeddedWhole) {
  EXPECT_NE(injected::kWorldScript.find("totpilot"), std::string_view::npos);
  for (const auto& declaration : {injected::kRun, injected::kElement, injected::kAdoptRoot, injected::kTrapHandout}) {
    EXPECT_TRUE(declaration.starts_with("function")) << declaration;
    EXPECT_EQ(declaration.find("import"), std::string_view::npos);
  }
}

}  // namespace
}  // namespace totpilot::page

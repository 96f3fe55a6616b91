#include "agent/base/origin.h"

#include <gtest/gtest.h>

namespace totpilot {
namespace {

TEST(Origin, SerializesAsBrowsersDo) {
  EXPECT_EQ(Origin::parse("HTTPS://App.Example:443/login?x=1").value().text(), "https://app.example");
  EXPECT_EQ(Origin::parse("http://127.0.0.1:8101/").value().text(), "http://127.0.0.1:8101");
  EXPECT_EQ(Origin::parse("http://[::1]:80/").value().text(), "http://[::1]");
}

TEST(Origin, TellsLoopbackFromPlainHttp) {
  EXPECT_EQ(Origin::parse("http://localhost:3000").value().transport(), Transport::kLoopback);
  EXPECT_EQ(Origin::parse("http://127.9.9.9").value().transport(), Transport::kLoopback);
  EXPECT_EQ(Origin::parse("http://app.example").value().transport(), Transport::kPlain);
  EXPECT_EQ(Origin::parse("https://app.example").value().transport(), Transport::kSecure);
}

TEST(Origin, RefusesWhatCouldBeReadInTwoWays) {
  for (const char* text :
       {"javascript:alert(1)", "data:text/html,x", "//app.example", "app.example", "https://user@app.example",
        "https://app.example\\@evil.example", "https://app%2eexample", "https://", "ftp://app.example",
        "https://app.example.", "http://127.0.0.1.evil.example", "http://1.2.3.4.5/", "https://app.example:99999",
        "https://b\xC3\xBC"
        "cher.example"})
    EXPECT_FALSE(Origin::parse(text).has_value()) << text;
}

}  // namespace
}  // namespace totpilot

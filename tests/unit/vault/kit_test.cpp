#include "agent/vault/kit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

#include "agent/crypto/random.h"
#include "tests/unit/vault/house.h"

namespace totpilot::vault {
namespace {

class Kit : public ::testing::Test {
 protected:
  Secret read(std::string text) { return read_kit(Secret(std::move(text))); }
  std::vector<std::string> lines() const {
    std::vector<std::string> out;
    std::string_view rest = page_.reveal();
    while (!rest.empty()) {
      const std::string line(rest.substr(0, rest.find('\n')));
      rest.remove_prefix(line.size() + 1);
      if (line.size() > 4 && line.starts_with("  ") && std::isdigit(static_cast<unsigned char>(line[2])) != 0)
        out.push_back(line.substr(5));
    }
    return out;
  }

  const Secret key_ = crypto::random_secret(32);
  const Secret page_ = print_kit(key_, "0192f0c1-7a11-7abc-8def-0123456789ab", from_millis(1'790'000'000'000));
};

TEST_F(Kit, ReadsItsOwnPageWholeOrInPart) {
  EXPECT_TRUE(read_kit(page_).same_as(key_));
  const auto four = lines();
  ASSERT_EQ(four.size(), 4U);
  EXPECT_TRUE(read(four[0] + "\n" + four[1] + "\n" + four[2] + "\n" + four[3]).same_as(key_));
  EXPECT_TRUE(read(four[0] + " " + four[1] + " " + four[2] + " " + four[3]).same_as(key_))
      << "in one line, as a prompt takes it";
}

TEST_F(Kit, ForgivesHowPeopleType) {
  std::string typed;
  for (std::string line : lines()) {
    for (char& c : line)
      c = c == '0' ? 'o' : (c == '1' ? 'l' : static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
    std::ranges::replace(line, '-', ' ');
    typed += line + "\r\n";
  }
  EXPECT_TRUE(read(typed).same_as(key_));
}

TEST_F(Kit, NamesTheLineThatIsMistyped) {
  for (std::size_t at = 0; at < 4; ++at) {
    auto four = lines();
    four[at][0] = four[at][0] == 'A' ? 'B' : 'A';
    const std::string words = words_of([&] { read(four[0] + "\n" + four[1] + "\n" + four[2] + "\n" + four[3]); });
    EXPECT_NE(words.find("line " + std::to_string(at + 1)), std::string::npos) << words;
  }
}

TEST_F(Kit, FindsLinesThatChangedPlacesOrAreMissing) {
  const auto four = lines();
  EXPECT_EQ(outcome_of([&] { read(four[1] + "\n" + four[0] + "\n" + four[2] + "\n" + four[3]); }),
            Outcome::kInvalidInput);
  EXPECT_EQ(outcome_of([&] { read(four[0] + "\n" + four[1] + "\n" + four[2]); }), Outcome::kInvalidInput);
  EXPECT_EQ(outcome_of([&] { read(""); }), Outcome::kInvalidInput);
}

TEST_F(Kit, NeverRepeatsItsInputInAMessage) {
  auto four = lines();
  four[2][1] = four[2][1] == 'A' ? 'B' : 'A';
  const std::string words = words_of([&] { read(four[0] + "\n" + four[1] + "\n" + four[2] + "\n" + four[3]); });
  for (const std::string& line : four) EXPECT_EQ(words.find(line), std::string::npos);
}

}  // namespace
}  // namespace totpilot::vault

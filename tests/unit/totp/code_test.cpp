#include "agent/totp/code.h"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <memory>
#include <random>

#include "agent/base/encoding.h"
#include "agent/base/failure.h"
#include "agent/totp/base32.h"
#include "agent/totp/otpauth.h"
#include "tests/unit/totp/support.h"

namespace totpilot::totp {
namespace {

TimePoint at(std::int64_t seconds) { return TimePoint(std::chrono::seconds(seconds)); }

std::string code(const Secret& key, const Parameters& parameters, std::int64_t seconds) {
  return std::string(code_at(key, parameters, at(seconds)).reveal());
}

/// What oathtool, which shares no code with us, makes of the same key.
std::string oathtool(const Secret& key, const Parameters& parameters, std::int64_t seconds) {
  const std::string command =
      fmt::format("oathtool --totp={} --digits={} --time-step-size={}s --now=@{} {} 2>/dev/null",
                  algorithm_name(parameters.algorithm), parameters.digits, parameters.period.count(), seconds,
                  hex_encode(key.reveal()));
  const std::unique_ptr<FILE, int (*)(FILE*)> output(popen(command.c_str(), "r"), &pclose);
  std::array<char, 64> line{};
  if (output == nullptr || std::fgets(line.data(), line.size(), output.get()) == nullptr)
    return "oathtool failed: " + command;
  return std::string(line.data()).substr(0, static_cast<std::size_t>(parameters.digits));
}

TEST(Code, FollowsEveryVectorOfRfc4226) {
  const auto file = vectors("rfc4226");
  const Secret key = Secret::copy_of(file["key_ascii"].get<std::string>());
  for (std::size_t counter = 0; counter < file["codes"].size(); ++counter) {
    EXPECT_EQ(code_for_counter(key, {}, counter).reveal(), file["codes"][counter].get<std::string>()) << counter;
    const std::string eight = fmt::format("{:08}", file["truncated"][counter].get<std::int64_t>() % 100'000'000);
    EXPECT_EQ(code_for_counter(key, {.digits = 8}, counter).reveal(), eight) << counter;
  }
}

TEST(Code, FollowsEveryVectorOfRfc6238WithAllThreeHashes) {
  const auto file = vectors("rfc6238");
  for (const auto& entry : file["cases"]) {
    const auto time = entry["time"].get<std::int64_t>();
    EXPECT_EQ(window_at(std::chrono::seconds(30), at(time)).counter(), entry["counter"].get<std::uint64_t>());
    for (const Algorithm algorithm : {Algorithm::kSha1, Algorithm::kSha256, Algorithm::kSha512}) {
      const std::string name(algorithm_name(algorithm));
      const Secret key = Secret::copy_of(file["keys_ascii"][name].get<std::string>());
      EXPECT_EQ(code(key, {.algorithm = algorithm, .digits = 8}, time), entry[name].get<std::string>())
          << name << " at " << time;
    }
  }
}

TEST(Code, FollowsSteamsOwnCodes) {
  const auto file = vectors("steam");
  const auto otpauth = parse_otpauth(file["uri"].get<std::string>());
  ASSERT_TRUE(otpauth) << otpauth.error();
  for (const auto& entry : file["cases"]) {
    EXPECT_EQ(code(otpauth->key, otpauth->parameters, entry["time"].get<std::int64_t>()),
              entry["code"].get<std::string>());
  }
}

TEST(Code, AgreesWithOathtoolForAnyHashDigitsPeriodAndTime) {
  std::mt19937_64 random(20261124);
  for (int i = 0; i < 60; ++i) {
    Secret key = Secret::zeros(10 + random() % 55);
    for (unsigned char& byte : key.writable()) byte = static_cast<unsigned char>(random());
    Parameters parameters;
    parameters.algorithm = static_cast<Algorithm>(i % 3);
    parameters.digits = 6 + static_cast<int>(random() % 3);
    parameters.period = std::chrono::seconds(std::array{1, 15, 30, 60, 3600, 86'400}[random() % 6]);
    const auto time = static_cast<std::int64_t>(random() % 5'000'000'000ULL);
    EXPECT_EQ(code(key, parameters, time), oathtool(key, parameters, time)) << i;
  }
}

TEST(Code, HoldsThroughoutItsWindowAndNotBeyond) {
  const Secret key = Secret::copy_of("12345678901234567890");
  const TimePoint start = at(1'700'000'010);
  EXPECT_EQ(code_at(key, {}, start).reveal(), code_at(key, {}, start + std::chrono::milliseconds(29'999)).reveal());
  EXPECT_NE(code_at(key, {}, start).reveal(), code_at(key, {}, start + std::chrono::seconds(30)).reveal());
  EXPECT_NE(code_at(key, {}, start).reveal(), code_at(key, {}, start - std::chrono::milliseconds(1)).reveal());
}

TEST(Code, RefusesAnEmptyKeyAndParametersThatNoCodeCanHave) {
  const Secret key = Secret::copy_of("12345678901234567890");
  EXPECT_THROW(code_at(Secret(), {}, at(59)), Failure);
  EXPECT_THROW(code_at(key, {.digits = 5}, at(59)), Failure);
  EXPECT_THROW(code_at(key, {.digits = 9}, at(59)), Failure);
  EXPECT_THROW(code_at(key, {.period = std::chrono::seconds(0)}, at(59)), Failure);
  EXPECT_THROW(code_at(key, {.period = std::chrono::seconds(86'401)}, at(59)), Failure);
  EXPECT_THROW(code_at(key, {.digits = 6, .encoder = Encoder::kSteam}, at(59)), Failure);
  EXPECT_THROW(code_at(key, {}, at(-1)), Failure);
}

TEST(Code, RefusesAWindowOfAnotherPeriod) {
  const Secret key = Secret::copy_of("12345678901234567890");
  EXPECT_THROW(code_in(key, {}, window_at(std::chrono::seconds(60), at(59))), Failure);
}

TEST(Window, StartsAtMultiplesOfThePeriod) {
  const Window window = window_at(std::chrono::seconds(30), TimePoint(std::chrono::milliseconds(59'999)));
  EXPECT_EQ(window.start, at(30));
  EXPECT_EQ(window.end(), at(60));
  EXPECT_EQ(window.counter(), 1U);
  EXPECT_EQ(window.next(), window_at(std::chrono::seconds(30), at(60)));
  EXPECT_EQ(window.previous(), window_at(std::chrono::seconds(30), at(29)));
}

TEST(Window, SaysWhatIsLeftOfIt) {
  const Window window = window_at(std::chrono::seconds(30), at(30));
  EXPECT_EQ(window.remaining(at(30)), std::chrono::seconds(30));
  EXPECT_EQ(window.remaining(TimePoint(std::chrono::milliseconds(59'999))), std::chrono::milliseconds(1));
  EXPECT_LT(window.remaining(at(61)), std::chrono::milliseconds(0));
  EXPECT_TRUE(window.holds(at(30)));
  EXPECT_FALSE(window.holds(at(60)));
}

TEST(Window, WantsTheSmallerOfFiveSecondsAndAQuarterOfThePeriodLeft) {
  EXPECT_EQ(min_left(std::chrono::seconds(30)), std::chrono::seconds(5));
  EXPECT_EQ(min_left(std::chrono::seconds(86'400)), std::chrono::seconds(5));
  EXPECT_EQ(min_left(std::chrono::seconds(10)), std::chrono::milliseconds(2'500));
  EXPECT_EQ(min_left(std::chrono::seconds(1)), std::chrono::milliseconds(250));
}

TEST(Parameters, KnowsAlgorithmsAsLibrariesSpellThem) {
  for (const std::string_view name : {"SHA256", "sha256", "SHA-256", "HmacSHA256", "HMAC-SHA-256", "hmac_sha256"}) {
    EXPECT_EQ(algorithm_from_name(name), Algorithm::kSha256) << name;
  }
  for (const std::string_view name : {"", "MD5", "SHA", "SHA224", "SHA3-256", "SHA2560", " SHA1"}) {
    EXPECT_EQ(algorithm_from_name(name), std::nullopt) << name;
  }
}

TEST(Parameters, WarnsOfKeysBelow128Bits) {
  EXPECT_EQ(key_warnings(Secret::copy_of("0123456789")),
            std::vector<std::string>{"the key has 80 bits; RFC 4226 asks for 128 or more"});
  EXPECT_TRUE(key_warnings(Secret::copy_of("0123456789abcdef")).empty());
  EXPECT_EQ(key_warnings(Secret::zeros(20)),
            std::vector<std::string>{"the key is one byte repeated; it cannot be secret"});
}

}  // namespace
}  // namespace totpilot::totp

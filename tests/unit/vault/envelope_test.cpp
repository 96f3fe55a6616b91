#include "agent/vault/envelope.h"

#include <gtest/gtest.h>

#include "agent/base/encoding.h"
#include "agent/base/failure.h"
#include "agent/crypto/aead.h"
#include "agent/crypto/random.h"
#include "tests/unit/vault/house.h"

namespace totpilot::vault {
namespace {

class Envelope : public ::testing::Test {
 protected:
  std::string seal(const SealContext& context, std::string_view text) {
    return seal_envelope("workspace", context, id_, key_, Secret::copy_of(text));
  }
  Outcome open(const SealContext& context, std::string_view sealed, std::string_view workspace = "workspace") {
    return outcome_of([&] { open_envelope(workspace, context, key_, sealed); });
  }

  const KeyId id_ = KeyId::make(from_millis(1));
  const Secret key_ = crypto::random_secret(crypto::kKeyBytes);
  const SealContext place_{"fac_1", "secret", 3};
};

TEST_F(Envelope, GivesBackWhatWasSealedAlsoNothingAndMuch) {
  for (const std::string& text : {std::string(), std::string("JBSWY3DPEHPK3PXP"), std::string(100000, 'x')})
    EXPECT_EQ(open_envelope("workspace", place_, key_, seal(place_, text)).reveal(), text);
}

TEST_F(Envelope, RefusesEachFlippedBit) {
  const std::string bytes = *base64_decode(seal(place_, "JBSWY3DPEHPK3PXP"));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    // A changed key id is found out when the key is looked up: see the vault's test.
    if (bit / 8 >= 1 && bit / 8 <= 16) {
      EXPECT_NE(read_envelope_header(base64_encode(changed)).key, id_);
    }
    EXPECT_EQ(open(place_, base64_encode(changed)), Outcome::kStorageFailed) << "bit " << bit;
  }
}

TEST_F(Envelope, RefusesEachCutAndEachAddition) {
  const std::string bytes = *base64_decode(seal(place_, "JBSWY3DPEHPK3PXP"));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_EQ(open(place_, base64_encode(bytes.substr(0, size))), Outcome::kStorageFailed);
  EXPECT_EQ(open(place_, base64_encode(bytes + '\0')), Outcome::kStorageFailed);
  for (const char* text : {"", "=", "not base64!", "AAAA"}) EXPECT_EQ(open(place_, text), Outcome::kStorageFailed);
}

TEST_F(Envelope, RefusesATextInAnotherPlace) {
  const std::string sealed = seal(place_, "JBSWY3DPEHPK3PXP");
  ASSERT_EQ(open(place_, sealed), Outcome::kOk);
  EXPECT_EQ(open({"fac_2", "secret", 3}, sealed), Outcome::kStorageFailed);
  EXPECT_EQ(open({"fac_1", "password", 3}, sealed), Outcome::kStorageFailed);
  EXPECT_EQ(open({"fac_1", "secret", 2}, sealed), Outcome::kStorageFailed);
  EXPECT_EQ(open({"fac_1", "secret", 4}, sealed), Outcome::kStorageFailed);
  EXPECT_EQ(open(place_, sealed, "another workspace"), Outcome::kStorageFailed);
  EXPECT_EQ(open({"fac_1s", "ecret", 3}, sealed), Outcome::kStorageFailed) << "the seam between two names is bound too";
}

TEST_F(Envelope, RefusesPartsOfTwoTextsPutTogether) {
  const std::string one = *base64_decode(seal(place_, "the first secret"));
  const std::string two = *base64_decode(seal(place_, "another  secret!"));
  ASSERT_EQ(one.size(), two.size());
  for (std::size_t seam = 1; seam < one.size(); ++seam) {
    if (one.substr(0, seam) == two.substr(0, seam) || one.substr(seam) == two.substr(seam)) continue;
    EXPECT_EQ(open(place_, base64_encode(one.substr(0, seam) + two.substr(seam))), Outcome::kStorageFailed) << seam;
  }
}

TEST_F(Envelope, RefusesAnotherKey) {
  const Secret other = crypto::random_secret(crypto::kKeyBytes);
  const std::string sealed = seal(place_, "x");
  EXPECT_EQ(outcome_of([&] { open_envelope("workspace", place_, other, sealed); }), Outcome::kStorageFailed);
}

TEST_F(Envelope, IsDifferentEachTime) { EXPECT_NE(seal(place_, "x"), seal(place_, "x")); }

TEST_F(Envelope, RewrappedOpensWithTheNewKeyOnly) {
  const Secret fresh = crypto::random_secret(crypto::kKeyBytes);
  const KeyId fresh_id = KeyId::make(from_millis(2));
  const std::string rewrapped = rewrap_envelope("workspace", place_, key_, fresh_id, fresh, seal(place_, "x"));
  EXPECT_EQ(read_envelope_header(rewrapped).key, fresh_id);
  EXPECT_EQ(read_envelope_header(rewrapped).version, 3);
  EXPECT_EQ(open_envelope("workspace", place_, fresh, rewrapped).reveal(), "x");
  EXPECT_EQ(open(place_, rewrapped), Outcome::kStorageFailed);
}

TEST_F(Envelope, IsNotRewrappedForAnotherPlace) {
  const std::string sealed = seal(place_, "x");
  EXPECT_EQ(outcome_of([&] { rewrap_envelope("workspace", {"fac_2", "secret", 3}, key_, id_, key_, sealed); }),
            Outcome::kStorageFailed);
}

}  // namespace
}  // namespace totpilot::vault

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <set>
#include <thread>

#include "agent/store/query.h"
#include "agent/vault/envelope.h"
#include "agent/vault/vault_impl.h"
#include "tests/unit/vault/house.h"

namespace totpilot::vault {
namespace {

/// Rotates in another process, which is killed at the n-th place it passes. Returns the place's name, or nothing when
/// it came to its end.
std::optional<std::string> rotate_and_die(House& house, RotationDepth depth, int nth) {
  int ends[2];
  if (::pipe(ends) != 0) std::abort();
  // No descriptor of the database may be open across the fork: closing it in the child would drop our locks.
  house.close();
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    house.open_store();
    house.open();
    int passed = 0;
    RotationHooks hooks;
    hooks.reached = [&](std::string_view place) {
      if (passed++ != nth) return;
      if (::write(ends[1], place.data(), place.size()) > 0) ::raise(SIGKILL);
    };
    RotationRequest request;
    request.depth = depth;
    house.vault().impl().rotate(std::move(request), hooks);
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string place(200, '\0');
  const ssize_t got = ::read(ends[0], place.data(), place.size());
  place.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  house.open_store();
  if (WIFEXITED(status)) {
    EXPECT_EQ(WEXITSTATUS(status), 0);
    return std::nullopt;
  }
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
  return place;
}

constexpr int kFactors = 40;  // more than one part

void furnish(House& house) {
  house.init();
  const auto account = house.furnish(kFactors);
  house.vault().escrow().append({house.a_factor(account.id, 99), "redmine-alice", "alice", "https://redmine.example"});
}

/// The places that a rotation passes, in order.
std::vector<std::string> places_of(RotationDepth depth) {
  House house;
  furnish(house);
  std::vector<std::string> places;
  RotationHooks hooks;
  hooks.reached = [&](std::string_view place) { places.emplace_back(place); };
  RotationRequest request;
  request.depth = depth;
  house.vault().impl().rotate(std::move(request), hooks);
  return places;
}

void expect_whole(House& house, const std::string& place) {
  EXPECT_EQ(house.read_everything(), kFactors + 3) << place;
  const auto entries = house.vault().escrow().list();
  ASSERT_EQ(entries.size(), 1U) << place;
  EXPECT_EQ(house.vault().unseal(secret_context(entries[0].factor.id), entries[0].factor.sealed_secret).reveal(),
            "secret 99")
      << place;
}

void kill_everywhere(RotationDepth depth, std::size_t least) {
  const std::vector<std::string> places = places_of(depth);
  ASSERT_GE(std::set<std::string>(places.begin(), places.end()).size(), least);
  for (std::size_t nth = 0; nth < places.size(); ++nth) {
    // Of the many records, alike within a transaction, every ninth.
    if (places[nth] == "a record" && nth % 9 != 0) continue;
    House house;
    furnish(house);
    ASSERT_EQ(rotate_and_die(house, depth, static_cast<int>(nth)), places[nth]);
    // Whatever was done: everything can be read, now and after the rotation was finished, and the old key goes at the
    // next opening.
    house.open();
    expect_whole(house, places[nth]);
    EXPECT_EQ(house.vault().rotate_key({}).damaged, 0);
    EXPECT_FALSE(house.vault().status().rotation_unfinished) << places[nth];
    house.reopen();
    expect_whole(house, places[nth]);
    EXPECT_EQ(house.vault().status().keys.size(), 1U) << places[nth];
  }
}

TEST(Rotation, KilledAnywhereGoesOnAndLosesNothing) { kill_everywhere(RotationDepth::kKey, 6); }

TEST(Rotation, OfEverythingKilledAnywhereStillOpensAndLosesNothing) { kill_everywhere(RotationDepth::kEverything, 8); }

TEST(Rotation, SealsEveryRecordUnderTheNewKey) {
  House house;
  house.init();
  house.furnish(5);
  const KeyId before = house.vault().status().keys.at(0).id;
  const RotationReport report = house.vault().rotate_key({});
  EXPECT_NE(report.new_key, before);
  EXPECT_EQ(report.rewrapped, 8);
  EXPECT_FALSE(report.resumed);
  for (const KeyInfo& key : house.vault().status().keys) EXPECT_EQ(key.records, key.id == report.new_key ? 8 : 0);
  EXPECT_EQ(house.read_everything(), 8);
}

TEST(Rotation, KeepsTextsReadableThatWereSealedBeforeItAndWrittenAfter) {
  House house;
  house.init();
  const SealContext place{"fac_1", "secret"};
  const std::string sealed = house.vault().seal(place, Secret::copy_of("on its way"));
  house.vault().rotate_key({});
  EXPECT_EQ(house.vault().unseal(place, sealed).reveal(), "on its way");
}

TEST(Rotation, LosesNothingThatOtherThreadsSealAndWriteMeanwhile) {
  House house;
  house.init();
  house.furnish(3);
  std::vector<std::jthread> writers;
  for (int i = 0; i < 3; ++i)
    writers.emplace_back([&](const std::stop_token& stop) {
      do house.furnish_more();
      while (!stop.stop_requested());
    });
  for (int i = 0; i < 3; ++i) EXPECT_EQ(house.vault().rotate_key({}).damaged, 0);
  writers.clear();
  house.vault().rotate_key({});
  house.reopen();
  house.store().read([&](store::ReadTransaction& transaction) {
    const auto accounts = store::list_accounts(transaction);
    EXPECT_GE(accounts.size(), 4U);
    for (const auto& account : accounts) {
      EXPECT_EQ(house.vault().unseal(password_context(account.id), account.sealed_password).reveal(),
                "password of alice");
      for (const auto& factor : store::list_factors(transaction, account.id))
        EXPECT_EQ(house.vault().unseal(secret_context(factor.id), factor.sealed_secret).reveal(),
                  "secret " + factor.label);
    }
  });
}

TEST(Rotation, KeepsFingerprints) {
  House house;
  house.init();
  const Secret secret = Secret::copy_of("x");
  const std::string before = house.vault().fingerprint(secret);
  RotationRequest everything;
  everything.depth = RotationDepth::kEverything;
  house.vault().rotate_key(std::move(everything));
  house.reopen();
  EXPECT_EQ(house.vault().fingerprint(secret), before);
}

TEST(Rotation, OfTheKeyLeavesEverySlotAsItIs) {
  House house;
  house.init("passphrase");
  house.furnish();
  const Secret kit = house.vault().make_kit();
  house.vault().rotate_key({});
  std::filesystem::remove(house.locations().key_file());
  house.open({.passphrase = Secret::copy_of("passphrase"), .kit = std::nullopt});
  house.open({.passphrase = std::nullopt, .kit = kit.duplicate()});
  EXPECT_EQ(house.read_everything(), 6);
}

TEST(Rotation, OfEverythingShutsOutTheOldKeyFile) {
  House house;
  house.init();
  house.furnish();
  std::filesystem::copy_file(house.locations().key_file(), house.path() / "stolen.key");
  RotationRequest everything;
  everything.depth = RotationDepth::kEverything;
  house.vault().rotate_key(std::move(everything));
  house.reopen();
  EXPECT_EQ(house.read_everything(), 6);
  std::filesystem::copy_file(house.path() / "stolen.key", house.locations().key_file(),
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(outcome_of([&] { house.open(); }), Outcome::kVaultSealed);
}

TEST(Rotation, OfEverythingAsksBeforeASlotDies) {
  House house;
  house.init("passphrase");
  house.vault().make_kit();
  const auto rotate = [&](std::optional<std::string> passphrase, bool drop_passphrase, bool drop_kit) {
    RotationRequest request;
    request.depth = RotationDepth::kEverything;
    if (passphrase) request.passphrase = Secret(std::move(*passphrase));
    request.drop_passphrase = drop_passphrase;
    request.drop_kit = drop_kit;
    return outcome_of([&] { house.vault().rotate_key(std::move(request)); });
  };
  EXPECT_EQ(rotate(std::nullopt, false, true), Outcome::kInvalidInput);
  EXPECT_EQ(rotate("passphrase", false, false), Outcome::kInvalidInput);
  EXPECT_EQ(rotate("passphrase", false, true), Outcome::kOk);
  std::filesystem::remove(house.locations().key_file());
  EXPECT_NO_THROW(house.open({.passphrase = Secret::copy_of("passphrase"), .kit = std::nullopt}));
}

TEST(Rotation, LeavesADamagedRecordUnderItsOldKeyAndSaysSo) {
  House house;
  house.init();
  const auto account = house.furnish(2);
  house.store().write([&](store::WriteTransaction& transaction) {
    store::Query(transaction, "UPDATE accounts SET sealed_password = (SELECT sealed_state FROM sessions)").run();
  });
  const RotationReport report = house.vault().rotate_key({});
  EXPECT_EQ(report.damaged, 1);
  EXPECT_EQ(report.rewrapped, 4);
  EXPECT_TRUE(house.vault().status().rotation_unfinished);
  house.reopen();
  EXPECT_EQ(house.vault().status().keys.size(), 2U) << "its key is kept";
  EXPECT_EQ(house.vault().rotate_key({}).rewrapped, 4) << "and does not stand in the way of the next rotation";
}

}  // namespace
}  // namespace totpilot::vault

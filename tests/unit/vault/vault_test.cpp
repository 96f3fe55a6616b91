#include "agent/vault/vault.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "agent/base/encoding.h"
#include "agent/store/query.h"
#include "agent/store/settings.h"
#include "agent/store/vault_rows.h"
#include "agent/vault/kit.h"
#include "tests/unit/vault/house.h"

namespace totpilot::vault {
namespace {

unsigned mode_of(const std::filesystem::path& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 07777U : 0U;
}

Credentials with_passphrase(std::string_view passphrase) {
  return {.passphrase = Secret::copy_of(passphrase), .kit = std::nullopt};
}

TEST(Vault, IsMissingUntilItIsMade) {
  House house;
  EXPECT_FALSE(Vault::exists(house.store()));
  EXPECT_EQ(outcome_of([&] { house.open(); }), Outcome::kVaultMissing);
  house.init();
  EXPECT_TRUE(Vault::exists(house.store()));
  EXPECT_EQ(outcome_of([&] { house.init(); }), Outcome::kAlreadyExists);
}

TEST(Vault, OpensAgainWithItsKeyFileAndReadsEverything) {
  House house;
  house.init();
  house.furnish();
  house.reopen();
  EXPECT_EQ(house.read_everything(), 6);
}

TEST(Vault, MakesItsFilesPrivate) {
  House house;
  house.init();
  house.furnish();
  EXPECT_EQ(mode_of(house.locations().key_directory), 0700U);
  EXPECT_EQ(mode_of(house.locations().key_file()), 0600U);
  EXPECT_EQ(mode_of(house.locations().escrow()), 0700U);
  for (const auto& entry : std::filesystem::directory_iterator(house.locations().escrow()))
    EXPECT_EQ(mode_of(entry.path()), 0600U) << entry.path();
}

TEST(Vault, RefusesAKeyDirectoryThatIsOrLiesInTheStateDirectory) {
  House house;
  Locations locations = house.locations();
  const auto init = [&] { return outcome_of([&] { Vault::init(house.store(), locations, house.clock(), {}); }); };
  locations.key_directory = locations.state_directory;
  EXPECT_EQ(init(), Outcome::kInvalidInput);
  locations.key_directory = locations.state_directory / "keys";
  EXPECT_EQ(init(), Outcome::kInvalidInput);
  std::filesystem::create_directory_symlink(locations.state_directory, house.path() / "link");
  locations.key_directory = house.path() / "link" / "keys";
  EXPECT_EQ(init(), Outcome::kInvalidInput);
  locations = house.locations();
  locations.escrow_directory = locations.state_directory / "escrow";
  EXPECT_EQ(init(), Outcome::kInvalidInput);
  EXPECT_FALSE(Vault::exists(house.store()));
}

TEST(Vault, NeverWritesOverAKeyFile) {
  House house;
  std::filesystem::create_directory(house.locations().key_directory);
  std::ofstream(house.locations().key_file()) << "another vault's";
  EXPECT_EQ(outcome_of([&] { house.init(); }), Outcome::kAlreadyExists);
  EXPECT_EQ(contents(house.locations().key_file()), "another vault's");
}

TEST(Vault, StaysClosedWithoutItsKeyAndSaysWhatWouldHelp) {
  House house;
  house.init("correct horse");
  std::filesystem::remove(house.locations().key_file());
  const std::string words = words_of([&] { house.open(); });
  EXPECT_NE(words.find("is not there"), std::string::npos) << words;
  EXPECT_NE(words.find("no passphrase was given"), std::string::npos) << words;
  EXPECT_NE(words.find(house.locations().key_file().string()), std::string::npos) << words;
  EXPECT_EQ(outcome_of([&] { house.open(with_passphrase("wrong")); }), Outcome::kVaultSealed);
  EXPECT_NE(words_of([&] { house.open(with_passphrase("wrong")); }).find("passphrase is wrong"), std::string::npos);
  house.open(with_passphrase("correct horse"));
}

TEST(Vault, OpensByPassphraseAlone) {
  House house;
  house.init("correct horse", false);
  house.furnish();
  EXPECT_FALSE(Vault::key_file_present(house.locations()));
  house.open(with_passphrase("correct horse"));
  EXPECT_EQ(house.read_everything(), 6);
}

TEST(Vault, OpensWithAPassphraseUnderTheProductionParameters) {
  House house;
  InitRequest request;
  request.key_file = false;
  request.passphrase = Secret::copy_of("correct horse");
  Vault::init(house.store(), house.locations(), house.clock(), std::move(request));
  EXPECT_NO_THROW(house.open(with_passphrase("correct horse")));
}

TEST(Vault, RefusesAnotherVaultsKeyFile) {
  House house;
  House other;
  house.init();
  other.init();
  std::filesystem::copy_file(other.locations().key_file(), house.locations().key_file(),
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(outcome_of([&] { house.open(); }), Outcome::kVaultSealed);
}

TEST(Vault, RefusesAKeyFileThatOthersMayReadButThePassphraseStillOpens) {
  House house;
  house.init("correct horse");
  std::filesystem::permissions(house.locations().key_file(), std::filesystem::perms(0644));
  EXPECT_NE(words_of([&] { house.open(); }).find("open to other users"), std::string::npos);
  EXPECT_NO_THROW(house.open(with_passphrase("correct horse")));
}

TEST(Vault, OpensWithTheCredentialThatSystemdGives) {
  House house;
  house.init();
  const std::filesystem::path directory = house.path() / "credentials";
  std::filesystem::create_directory(directory);
  std::filesystem::rename(house.locations().key_file(), directory / "vault.key");
  ::setenv("CREDENTIALS_DIRECTORY", directory.c_str(), 1);
  EXPECT_NO_THROW(house.open());
  ::unsetenv("CREDENTIALS_DIRECTORY");
  EXPECT_EQ(outcome_of([&] { house.open(); }), Outcome::kVaultSealed);
}

TEST(Vault, OpensWithThePrintedKitAfterEverythingElseIsLost) {
  House house;
  house.init("forgotten");
  house.furnish();
  const Secret kit = house.vault().make_kit();
  std::filesystem::remove_all(house.locations().key_directory);
  EXPECT_EQ(outcome_of([&] { house.open(); }), Outcome::kVaultSealed);
  house.open({.passphrase = std::nullopt, .kit = kit.duplicate()});
  EXPECT_EQ(house.read_everything(), 6);
  house.vault().make_key_file();
  house.open();
  EXPECT_EQ(house.read_everything(), 6);
}

TEST(Vault, AKeyFileIsMadeAnewInThePlaceOfADamagedOneWhichIsKept) {
  House house;
  house.init("passphrase");
  std::ofstream(house.locations().key_file(), std::ios::trunc) << "half a key";
  house.open(with_passphrase("passphrase"));
  const NewKeyFile made = house.vault().make_key_file();
  ASSERT_TRUE(made.set_aside);
  EXPECT_EQ(contents(*made.set_aside), "half a key");
  EXPECT_NO_THROW(house.open());
  EXPECT_EQ(outcome_of([&] { house.vault().make_key_file(); }), Outcome::kAlreadyExists) << "this one opens it";
}

TEST(Vault, AKeyFileOfAnotherVaultGivesWayOnlyWhenTold) {
  House house;
  House other;
  house.init("passphrase");
  other.init();
  std::filesystem::copy_file(other.locations().key_file(), house.locations().key_file(),
                             std::filesystem::copy_options::overwrite_existing);
  house.open(with_passphrase("passphrase"));
  EXPECT_EQ(outcome_of([&] { house.vault().make_key_file(); }), Outcome::kAlreadyExists);
  EXPECT_NE(words_of([&] { house.vault().make_key_file(); }).find("--set-aside"), std::string::npos);
  EXPECT_EQ(contents(house.locations().key_file()), contents(other.locations().key_file()));
  const NewKeyFile made = house.vault().make_key_file(OtherKeyFile::kSetAside);
  ASSERT_TRUE(made.set_aside);
  EXPECT_EQ(contents(*made.set_aside), contents(other.locations().key_file()));
  EXPECT_NO_THROW(house.open());
}

TEST(Vault, AKeyFileThatMustNotBeReadIsNotTakenForADamagedOne) {
  House house;
  house.init("passphrase");
  std::filesystem::permissions(house.locations().key_file(), std::filesystem::perms(0644));
  house.open(with_passphrase("passphrase"));
  const std::string words = words_of([&] { house.vault().make_key_file(); });
  EXPECT_NE(words.find("chmod 600"), std::string::npos) << words;
}

TEST(Vault, ThatIsClosedNamesTheWayToANewKeyFile) {
  House house;
  House bare;
  house.init();
  bare.init();
  house.vault().make_kit();
  for (const House* one : {&house, &bare}) std::filesystem::remove(one->locations().key_file());
  EXPECT_NE(words_of([&] { house.open(); }).find("totpilot vault key-file --kit-file FILE"), std::string::npos);
  EXPECT_EQ(words_of([&] { bare.open(); }).find("vault key-file"), std::string::npos) << "nothing else opens it";
}

TEST(Vault, ThatIsClosedSaysAllThatTheKeyIsNotNeededFor) {
  House house;
  house.init("passphrase");
  house.furnish();
  house.vault().make_kit();
  const VaultStatus open = house.vault().status();
  house.close();
  std::filesystem::remove(house.locations().key_file());
  house.open_store();
  const VaultStatus closed = Vault::status_unopened(house.store(), house.locations());
  EXPECT_EQ(closed.workspace, open.workspace);
  EXPECT_EQ(closed.records, open.records);
  EXPECT_EQ(closed.slots.size(), 3U);
  EXPECT_EQ(closed.keys.size(), 1U);
  EXPECT_EQ(closed.epoch, open.epoch);
  EXPECT_FALSE(closed.rolled_back);
}

TEST(Vault, ANewKitReplacesTheOldOne) {
  House house;
  house.init();
  const Secret old_kit = house.vault().make_kit();
  const Secret new_kit = house.vault().make_kit();
  std::filesystem::remove(house.locations().key_file());
  EXPECT_EQ(outcome_of([&] { house.open({.passphrase = std::nullopt, .kit = old_kit.duplicate()}); }),
            Outcome::kVaultSealed);
  EXPECT_NO_THROW(house.open({.passphrase = std::nullopt, .kit = new_kit.duplicate()}));
}

TEST(Vault, TheOldKitStaysValidWhenTheNewOneCannotBeKept) {
  House house;
  house.init();
  const Secret old_kit = house.vault().make_kit();
  EXPECT_EQ(outcome_of([&] {
              house.vault().make_kit([](const Secret&) { throw Failure(Outcome::kStorageFailed, "no paper"); });
            }),
            Outcome::kStorageFailed);
  std::filesystem::remove(house.locations().key_file());
  EXPECT_NO_THROW(house.open({.passphrase = std::nullopt, .kit = old_kit.duplicate()}));
}

TEST(Vault, SaysSoWhenWhatWasGivenIsNoWayIntoIt) {
  House house;
  house.init();
  std::filesystem::remove(house.locations().key_file());
  const std::string words =
      words_of([&] { house.open({.passphrase = Secret::copy_of("x"), .kit = Secret::copy_of("y")}); });
  EXPECT_NE(words.find("it has no passphrase"), std::string::npos) << words;
  EXPECT_NE(words.find("it has no recovery kit"), std::string::npos) << words;
}

TEST(Vault, ChangesItsPassphrase) {
  House house;
  house.init("old");
  house.vault().set_passphrase(Secret::copy_of("new"), kCheapArgon2);
  std::filesystem::remove(house.locations().key_file());
  EXPECT_EQ(outcome_of([&] { house.open(with_passphrase("old")); }), Outcome::kVaultSealed);
  EXPECT_NO_THROW(house.open(with_passphrase("new")));
}

TEST(Vault, NeverRemovesItsLastWayIn) {
  House house;
  house.init("passphrase");
  house.vault().make_kit();
  house.vault().remove_slot(SlotKind::kFile);
  EXPECT_EQ(outcome_of([&] { house.vault().remove_slot(SlotKind::kPassphrase); }), Outcome::kInvalidInput)
      << "a kit is not enough";
  EXPECT_EQ(outcome_of([&] { house.vault().remove_slot(SlotKind::kFile); }), Outcome::kNotFound);
  EXPECT_NO_THROW(house.vault().remove_slot(SlotKind::kKit));
}

TEST(Vault, RefusesSealedTextsThatChangedPlacesInTheDatabase) {
  House house;
  house.init();
  const auto account = house.furnish(2);
  const auto factors = [&] {
    return house.store().read(
        [&](store::ReadTransaction& transaction) { return store::list_factors(transaction, account.id); });
  };
  const auto before = factors();
  house.store().write([&](store::WriteTransaction& transaction) {
    for (std::size_t i = 0; i < 2; ++i)
      store::replace_sealed(transaction,
                            {store::SealedColumn::kFactorSecret, before[i].id.str(), before[i].sealed_secret},
                            before[1 - i].sealed_secret);
  });
  for (const auto& factor : factors())
    EXPECT_EQ(outcome_of([&] { house.vault().unseal(secret_context(factor.id), factor.sealed_secret); }),
              Outcome::kStorageFailed);
}

TEST(Vault, RefusesATextUnderAKeyThatIsNotItsOwn) {
  House house;
  House other;
  house.init();
  other.init();
  const SealContext place{"fac_1", "secret"};
  const std::string sealed = other.vault().seal(place, Secret::copy_of("x"));
  EXPECT_EQ(outcome_of([&] { house.vault().unseal(place, sealed); }), Outcome::kVaultSealed);
}

TEST(Vault, RefusesSwappedWrapsOfItsOwnSlots) {
  House house;
  house.init("passphrase");
  house.store().write([](store::WriteTransaction& transaction) {
    auto slots = store::list_vault_slots(transaction);
    ASSERT_EQ(slots.size(), 2U);
    std::swap(slots[0].sealed_root, slots[1].sealed_root);
    for (const auto& slot : slots) store::update_vault_slot(transaction, slot);
  });
  EXPECT_EQ(outcome_of([&] { house.open(with_passphrase("passphrase")); }), Outcome::kVaultSealed);
}

TEST(Vault, RefusesAKeyThatWasExchangedForAnotherOfItsOwn) {
  House house;
  house.init();
  house.furnish();
  house.vault().rotate_key({});
  house.store().write([](store::WriteTransaction& transaction) {
    auto keys = store::list_vault_keys(transaction);
    ASSERT_EQ(keys.size(), 2U);
    std::swap(keys[0].sealed_key, keys[1].sealed_key);
    for (const auto& key : keys) store::update_vault_key(transaction, key);
  });
  EXPECT_EQ(outcome_of([&] { house.open(); }), Outcome::kStorageFailed);
}

TEST(Vault, FingerprintsAreEqualForEqualSecretsAcrossOpeningsAndOfNoUseElsewhere) {
  House house;
  House other;
  house.init();
  other.init();
  const Secret secret = Secret::copy_of("JBSWY3DPEHPK3PXP");
  const std::string before = house.vault().fingerprint(secret);
  EXPECT_EQ(before.size(), 64U);
  house.reopen();
  EXPECT_EQ(house.vault().fingerprint(secret), before);
  EXPECT_NE(other.vault().fingerprint(secret), before);
  EXPECT_NE(house.vault().fingerprint(Secret::copy_of("JBSWY3DPEHPK3PXQ")), before);
}

TEST(Vault, SealsInsideATransaction) {
  House house;
  house.init();
  house.store().write([&](store::WriteTransaction&) { house.vault().seal({"a", "b"}, Secret::copy_of("x")); });
}

TEST(Vault, LeavesNoPlaintextOnTheDisk) {
  House house;
  house.init("canary-passphrase-4711");
  const Secret kit = house.vault().make_kit();
  house.furnish();
  house.close();
  const std::string first_line = [&] {
    const std::size_t at = kit.reveal().find("  1  ");
    return std::string(kit.reveal().substr(at + 5, 17));
  }();
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(house.path())) {
    if (!entry.is_regular_file()) continue;
    const std::string bytes = contents(entry.path());
    ++files;
    for (const std::string& canary :
         {std::string("password of alice"), std::string("secret 0"), std::string("recovery code"),
          std::string("session state"), std::string("canary-passphrase"), first_line})
      EXPECT_EQ(bytes.find(canary), std::string::npos) << entry.path() << " holds " << canary;
  }
  EXPECT_GE(files, 3);
}

TEST(Vault, NoticesAnOlderDatabaseAndKeepsSayingSo) {
  House house;
  house.init();
  house.furnish();
  house.close();
  const std::filesystem::path file = house.locations().state_directory / store::kDatabaseFile;
  std::filesystem::copy_file(file, house.path() / "older.db");
  house.open_store();
  house.open();
  EXPECT_FALSE(house.vault().status().rolled_back);
  house.close();

  std::filesystem::copy_file(house.path() / "older.db", file, std::filesystem::copy_options::overwrite_existing);
  for (int i = 0; i < 2; ++i) {
    house.open_store();
    house.open();
    const VaultStatus status = house.vault().status();
    EXPECT_TRUE(status.rolled_back);
    EXPECT_LT(status.epoch, status.outside_epoch);
    EXPECT_EQ(house.read_everything(), 6) << "it can still be read";
    EXPECT_EQ(outcome_of([&] { house.vault().rotate_key({}); }), Outcome::kNeedsHuman);
    house.close();
  }
  house.open_store();
  house.open();
  house.vault().accept_rollback();
  house.reopen();
  EXPECT_FALSE(house.vault().status().rolled_back);
}

TEST(Vault, OpensEscrowCopiesOfANewerKeyAfterAnOlderDatabaseWasPutInPlace) {
  House house;
  house.init();
  const auto account = house.furnish();
  house.close();
  const std::filesystem::path file = house.locations().state_directory / store::kDatabaseFile;
  std::filesystem::copy_file(file, house.path() / "older.db");
  house.open_store();
  house.open();
  house.vault().rotate_key({});
  const store::FactorRow factor = house.a_factor(account.id, 77);
  house.vault().escrow().append({factor, "redmine-alice", "alice", "https://redmine.example"});
  house.close();

  std::filesystem::copy_file(house.path() / "older.db", file, std::filesystem::copy_options::overwrite_existing);
  const auto candidate = [&] {
    const auto entries = house.vault().escrow().list();
    return std::string(house.vault().unseal(secret_context(factor.id), entries.at(0).factor.sealed_secret).reveal());
  };
  house.open_store();
  house.open();
  EXPECT_EQ(candidate(), "secret 77");
  house.vault().accept_rollback();
  house.reopen();
  EXPECT_EQ(candidate(), "secret 77") << "accepting the database keeps the key";
}

TEST(Vault, TellsItsState) {
  House house;
  house.init("passphrase");
  house.furnish(3);
  house.vault().make_kit();
  const VaultStatus status = house.vault().status();
  EXPECT_EQ(status.records, 6);
  EXPECT_EQ(status.damaged, 0);
  ASSERT_EQ(status.keys.size(), 1U);
  EXPECT_TRUE(status.keys[0].active);
  EXPECT_EQ(status.keys[0].records, 6);
  EXPECT_GE(status.keys[0].encryptions, 6);
  EXPECT_EQ(status.slots.size(), 3U);
  EXPECT_FALSE(status.rotation_unfinished);
  EXPECT_EQ(status.last_backup, std::nullopt);
}

TEST(Vault, CountsEncryptionsAheadOfThemAcrossOpenings) {
  House house;
  house.init();
  std::int64_t before = 0;
  for (int i = 0; i < 3; ++i) {
    house.vault().seal({"a", "b"}, Secret::copy_of("x"));
    const std::int64_t count = house.vault().status().keys[0].encryptions;
    EXPECT_GT(count, before);
    before = count;
    house.reopen();
  }
}

}  // namespace
}  // namespace totpilot::vault

#include <fstream>

#include "agent/services/approvals.h"
#include "agent/services/audit_views.h"
#include "agent/services/codes.h"
#include "agent/services/tokens.h"
#include "tests/unit/services/people.h"
#include "tests/unit/store/faulty_disk.h"

namespace totpilot::services {
namespace {

using testing::HasSubstr;

TEST_F(People, AMemberSignsInWithPasswordAndCodeAndACodeWorksOnce) {
  join("anna", "user");
  const SignIn first = credentials("anna");
  const std::string code(first.code.reveal());
  SignIn again = credentials("anna");
  EXPECT_EQ(run(sign_in(house(), credentials("anna"))).caller.name, "member:anna");
  again.code = Secret::copy_of(code);
  EXPECT_EQ(failure_of(sign_in(house(), std::move(again))).code(), Outcome::kBadCredentials);
}

TEST_F(People, ARecoveryCodeSignsInOnceAlsoWhenItIsWrittenOtherwise) {
  const Accepted joined = join("anna", "user");
  std::string code(joined.recovery_codes.front().reveal());
  std::erase(code, '-');
  const auto with = [&] {
    SignIn request = credentials("anna");
    request.code = Secret::copy_of(code);
    return request;
  };
  const SignedIn signed_in = run(sign_in(house(), with()));
  EXPECT_TRUE(signed_in.recovery_code_used);
  EXPECT_EQ(signed_in.codes_left, 9);
  EXPECT_EQ(failure_of(sign_in(house(), with())).code(), Outcome::kBadCredentials);
}

TEST_F(People, AWrongPasswordAnUnknownNameAndAWrongCodeAreToldAlike) {
  join("anna", "user");
  const Failure password = failure_of(sign_in(house(), credentials("anna", "wrong horse battery")));
  SignIn unknown = credentials("anna");
  unknown.name = "nobody";
  const Failure name = failure_of(sign_in(house(), std::move(unknown)));
  SignIn coded = credentials("anna");
  coded.code = Secret(std::string("000000"));
  const Failure code = failure_of(sign_in(house(), std::move(coded)));
  for (const Failure* one : {&password, &name, &code}) {
    EXPECT_EQ(one->code(), Outcome::kBadCredentials);
    EXPECT_EQ(one->message(), password.message());
  }
}

TEST_F(People, TriesThatAreWrongAreSlowedDownAndTheRightOneWaitsToo) {
  join("anna", "user");
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(failure_of(sign_in(house(), credentials("anna", "wrong horse battery"))).code(),
              Outcome::kBadCredentials);
  const Failure slowed = failure_of(sign_in(house(), credentials("anna")));
  EXPECT_EQ(slowed.code(), Outcome::kRateLimited);
  EXPECT_THAT(slowed.hint(), HasSubstr("try again in"));
  SignIn elsewhere = credentials("anna", "wrong horse battery");
  elsewhere.address = "192.0.2.2";
  EXPECT_EQ(failure_of(sign_in(house(), std::move(elsewhere))).code(), Outcome::kBadCredentials);
  pass(std::chrono::seconds(31));
  EXPECT_EQ(failure_of(sign_in(house(), credentials("anna"))).code(), Outcome::kOk);
}

TEST_F(People, ASessionEndsByIdlingAndInAnyCase) {
  join("anna", "user");
  const Secret idle = run(sign_in(house(), credentials("anna"))).key;
  EXPECT_EQ(run(identify(house(), idle)).name, "member:anna");
  pass(std::chrono::hours(11));
  EXPECT_EQ(run(identify(house(), idle)).name, "member:anna");
  pass(std::chrono::hours(13));
  EXPECT_EQ(failure_of(identify(house(), idle)).code(), Outcome::kSignInRequired);

  const Secret busy = run(sign_in(house(), credentials("anna"))).key;
  for (int i = 0; i < 16; ++i) {
    pass(std::chrono::hours(10));
    run(identify(house(), busy));
  }
  pass(std::chrono::hours(10));
  EXPECT_EQ(failure_of(identify(house(), busy)).code(), Outcome::kSignInRequired);
}

TEST_F(People, WhoIsDisabledOrResetIsOutAtOnce) {
  join("anna", "user");
  join("bob", "user");
  const Secret anna = run(sign_in(house(), credentials("anna"))).key;
  const Secret bob = run(sign_in(house(), credentials("bob"))).key;
  run(change_member(house(), owner_, {.member = "anna", .name = {}, .role = {}, .disabled = true}));
  EXPECT_EQ(failure_of(identify(house(), anna)).code(), Outcome::kSignInRequired);
  auto fresh = run(reset_member(house(), owner_, "bob"));
  EXPECT_EQ(failure_of(identify(house(), bob)).code(), Outcome::kSignInRequired);
  pass(std::chrono::minutes(1));
  EXPECT_EQ(failure_of(sign_in(house(), credentials("bob"))).code(), Outcome::kBadCredentials);
  const Accepted again =
      run(accept_invite(house(), {.key = std::move(fresh.key), .password = Secret::copy_of("another long password")}));
  uris_["bob"] = std::string(again.totp_uri.reveal());
  EXPECT_EQ(run(sign_in(house(), credentials("bob", "another long password"))).caller.role, Role::kUser);
}

TEST_F(People, AnInviteWorksOnceAndNotWhenItIsOver) {
  auto invited = run(add_invite(house(), owner_, {.name = "anna"}));
  const auto accept_with = [&](const Secret& key) {
    return failure_of(accept_invite(house(), {.key = key.duplicate(), .password = Secret::copy_of(kPassword)})).code();
  };
  EXPECT_EQ(accept_with(invited.key), Outcome::kOk);
  EXPECT_EQ(accept_with(invited.key), Outcome::kNotFound);
  auto late = run(add_invite(house(), owner_, {.name = "bob", .role = "user", .hours = 1}));
  pass(std::chrono::hours(2));
  EXPECT_EQ(accept_with(late.key), Outcome::kNotFound);
}

TEST_F(People, TheLastOwnerStays) {
  join("anna", "owner");
  EXPECT_EQ(failure_of(remove_member(house(), owner_, "anna")).code(), Outcome::kInvalidInput);
  ChangeMember lower{.member = "anna", .name = {}, .role = "user", .disabled = {}};
  EXPECT_EQ(failure_of(change_member(house(), owner_, lower)).code(), Outcome::kInvalidInput);
  join("bob", "owner");
  EXPECT_EQ(failure_of(change_member(house(), owner_, lower)).code(), Outcome::kOk);
}

TEST_F(People, ATokenIsKnownUntilItIsRevokedOrOverAndDoesNoMoreThanItsScopes) {
  add_with_factor();
  const auto added = run(add_token(house(), owner_, {.name = "ci", .scopes = {"codes"}, .days = 30, .member = {}}));
  EXPECT_TRUE(added.key.reveal().starts_with("tpt_"));
  EXPECT_EQ(added.key.size(), 4U + 64U);
  const Caller token = run(identify(house(), added.key));
  EXPECT_EQ(token.name, "token:ci");
  EXPECT_EQ(outcome("code.get", {{"account", "alice-app"}}, token), Outcome::kOk);
  EXPECT_EQ(outcome("account.list", {}, token), Outcome::kForbidden);
  pass(std::chrono::hours(24 * 31));
  EXPECT_EQ(failure_of(identify(house(), added.key)).code(), Outcome::kSignInRequired);
  const auto other = run(add_token(house(), owner_, {.name = "cd", .scopes = {"read"}, .days = 0, .member = {}}));
  run(identify(house(), other.key));
  run(revoke_token(house(), owner_, "cd"));
  EXPECT_EQ(failure_of(identify(house(), other.key)).code(), Outcome::kSignInRequired);
}

TEST_F(People, ATokenOfAMemberDoesNoMoreThanTheMember) {
  add_with_factor();
  const Caller anna = member("anna", "user");
  const auto added = call("token.add", {{"name", "mine"}, {"scopes", {"codes", "manage"}}}, anna);
  const Caller token = run(identify(house(), Secret(added["key"].get<std::string>())));
  EXPECT_EQ(outcome("code.get", {{"account", "alice-app"}}, token), Outcome::kNotFound);
  run(change_member(house(), owner_, {.member = "anna", .name = {}, .role = {}, .disabled = true}));
  EXPECT_EQ(failure_of(identify(house(), Secret(added["key"].get<std::string>()))).code(), Outcome::kSignInRequired);
}

TEST_F(People, ACollaboratorReadsCodesAndNeverTheSecretAndOnlyWhileTheShareHolds) {
  add_with_factor();
  add("other-app");
  const Caller anna = member("anna", "guest");
  const nlohmann::json account{{"account", "alice-app"}};
  EXPECT_EQ(outcome("code.get", account, anna), Outcome::kNotFound);
  run(add_share(house(), owner_, {.account = "alice-app", .member = "anna", .team = {}, .hours = 8}));
  EXPECT_EQ(outcome("code.get", account, anna), Outcome::kOk);
  EXPECT_EQ(outcome("factor.export", account, anna), Outcome::kForbidden);
  EXPECT_EQ(outcome("account.remove", account, anna), Outcome::kForbidden);
  EXPECT_EQ(outcome("recovery_codes.show", account, anna), Outcome::kForbidden);
  const auto seen = call("account.list", nlohmann::json::object(), anna)["accounts"];
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0]["name"], "alice-app");
  pass(std::chrono::hours(9));
  EXPECT_EQ(outcome("code.get", account, anna), Outcome::kNotFound);
}

TEST_F(People, AShareWithATeamIsForWhoIsInIt) {
  add_with_factor();
  const Caller anna = member("anna", "user");
  run(add_team(house(), "web"));
  run(add_share(house(), owner_, {.account = "alice-app", .member = {}, .team = "web", .role = "owner"}));
  EXPECT_EQ(outcome("code.get", {{"account", "alice-app"}}, anna), Outcome::kNotFound);
  run(change_team(house(), {.team = "web", .add_members = {"anna"}, .remove_members = {}}));
  EXPECT_EQ(outcome("code.get", {{"account", "alice-app"}}, anna), Outcome::kOk);
  EXPECT_EQ(outcome("factor.export", {{"account", "alice-app"}}, anna), Outcome::kOk);
}

TEST_F(People, WhoAddsAnAccountOwnsIt) {
  const Caller anna = member("anna", "user");
  const Caller bob = member("bob", "user");
  call("account.add", {{"name", "mine"}, {"username", "anna"}, {"url", "https://app.example/"}}, anna);
  EXPECT_EQ(outcome("account.set", {{"account", "mine"}, {"notes", "n"}}, anna), Outcome::kOk);
  EXPECT_EQ(outcome("account.set", {{"account", "mine"}, {"notes", "n"}}, bob), Outcome::kNotFound);
}

TEST_F(People, ASensitiveActAsksAgainAfterFiveMinutes) {
  add_with_factor();
  Caller anna = member("anna", "owner");
  EXPECT_EQ(outcome("factor.export", {{"account", "alice-app"}}, anna), Outcome::kOk);
  pass(std::chrono::minutes(6));
  EXPECT_EQ(outcome("factor.export", {{"account", "alice-app"}}, anna), Outcome::kProofRequired);
  EXPECT_EQ(outcome("code.get", {{"account", "alice-app"}}, anna), Outcome::kOk);
  anna = run(prove_again(house(), anna, credentials("anna")));
  EXPECT_EQ(outcome("factor.export", {{"account", "alice-app"}}, anna), Outcome::kOk);
}

TEST_F(People, AnExportByTwoWaitsForAnotherPersonAndHoldsOnce) {
  config_.people.two_for_export = true;
  open();
  add_with_factor();
  const Caller anna = member("anna", "owner");
  const Caller bob = member("bob", "super_admin");
  const nlohmann::json account{{"account", "alice-app"}};
  EXPECT_EQ(outcome("factor.export", account, anna), Outcome::kApprovalRequired);
  const auto waiting = run(list_approvals(house()));
  ASSERT_EQ(waiting.size(), 1U);
  const nlohmann::json approval{{"approval", waiting.front().id.str()}};
  EXPECT_EQ(outcome("approval.grant", approval, anna), Outcome::kForbidden);
  EXPECT_EQ(outcome("factor.export", account, anna), Outcome::kApprovalRequired);
  EXPECT_EQ(outcome("approval.grant", approval, bob), Outcome::kOk);
  EXPECT_EQ(outcome("factor.export", account, bob), Outcome::kApprovalRequired);
  EXPECT_EQ(outcome("factor.export", account, anna), Outcome::kOk);
  EXPECT_EQ(outcome("factor.export", account, anna), Outcome::kApprovalRequired);
}

TEST_F(People, WhatIsDoneAndWhatIsRefusedStandInTheLogWithoutSecrets) {
  add_with_factor();
  const Caller anna = member("anna", "guest");
  call("code.get", {{"account", "alice-app"}}, owner_);
  outcome("factor.export", {{"account", "alice-app"}}, anna);
  const auto records = run(list_audit(house(), {}));
  std::string all;
  for (const auto& one : records) all += one.who + " " + one.act + " " + one.outcome + "\n";
  EXPECT_THAT(all, HasSubstr(owner_.name + " code.get ok"));
  EXPECT_THAT(all, HasSubstr("member:anna factor.export forbidden"));
  EXPECT_THAT(all, HasSubstr("member:anna session.sign_in ok"));
  EXPECT_TRUE(run(verify_audit(house())).whole());
}

TEST_F(People, NoTokenPasswordCodeOrKeyIsInTheDatabase) {
  const Accepted joined = join("anna", "user");
  const auto signed_in = run(sign_in(house(), credentials("anna")));
  const auto token = run(add_token(house(), owner_, {.name = "ci", .scopes = {"read"}, .days = 1, .member = {}}));
  const auto invited = run(add_invite(house(), owner_, {.name = "bob"}));
  const auto key = totp::parse_otpauth(uris_.at("anna"));
  house().store().truncate_log();
  std::string bytes;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(config_.state_directory))
    if (entry.is_regular_file()) {
      std::ifstream file(entry.path(), std::ios::binary);
      bytes.append(std::istreambuf_iterator<char>(file), {});
    }
  for (const std::string_view secret :
       {std::string_view(kPassword), token.key.reveal(), token.key.reveal().substr(4), signed_in.key.reveal().substr(4),
        invited.key.reveal().substr(4), joined.recovery_codes.front().reveal(), key->key.reveal(),
        std::string_view(uris_.at("anna")).substr(uris_.at("anna").find("secret=") + 7, 32)})
    EXPECT_EQ(bytes.find(secret), std::string::npos);
  EXPECT_NE(bytes.find("anna"), std::string::npos);
}

TEST(PeopleOnAFullDisk, ACodeThatCannotBeRecordedIsNotHandedOut) {
  // Before the home: its store uses the file layer that is the default when it opens.
  store::FaultyDisk disk;
  struct Scene : People {
    void TestBody() override {}
    using People::add_with_factor;
    using People::house;
    using People::outcome;
    using People::owner_;
    using People::run;
  } scene;
  scene.add_with_factor();
  const auto records = [&] { return scene.run(list_audit(scene.house(), {})).size(); };
  EXPECT_EQ(scene.outcome("code.get", {{"account", "alice-app"}}, scene.owner_), Outcome::kOk);
  const auto before = records();
  // The window is marked by a write of its own; from the next on the disk is full.
  disk.fail_write(0, "-wal", true);
  EXPECT_EQ(scene.outcome("code.get", {{"account", "alice-app"}}, scene.owner_), Outcome::kStorageFailed);
  disk.heal();
  EXPECT_EQ(records(), before);
  EXPECT_EQ(scene.outcome("code.get", {{"account", "alice-app"}}, scene.owner_), Outcome::kOk);
  EXPECT_TRUE(scene.run(verify_audit(scene.house())).whole());
}

}  // namespace
}  // namespace totpilot::services

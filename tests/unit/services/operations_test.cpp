#include <algorithm>
#include <set>

#include "agent/services/form.h"
#include "agent/services/perform.h"
#include "tests/unit/services/home.h"

namespace totpilot::services {
namespace {

/// The names in braces of "/accounts/{account}/totp".
std::vector<std::string_view> parameters_of(std::string_view path) {
  std::vector<std::string_view> names;
  for (auto open = path.find('{'); open != path.npos; open = path.find('{', open + 1))
    names.push_back(path.substr(open + 1, path.find('}', open) - open - 1));
  return names;
}

TEST(Operations, AreInTheOrderOfTheirNamesWithASentenceEach) {
  std::string before;
  for (const Operation& one : all_operations()) {
    EXPECT_LT(before, one.name);
    EXPECT_FALSE(one.summary.empty()) << one.name;
    before = one.name;
  }
}

TEST(Operations, HaveARequiredFieldForEachParameterOfTheirPath) {
  for (const Operation& one : all_operations())
    for (const std::string_view name : parameters_of(one.path)) {
      const auto field = std::ranges::find(one.fields, name, &Field::name);
      ASSERT_NE(field, one.fields.end()) << one.name << " " << name;
      EXPECT_TRUE(field->required) << one.name << " " << name;
      EXPECT_EQ(field->type, FieldType::kText) << one.name << " " << name;
    }
}

TEST(Operations, HaveAVerbAndPathThatNoOtherHasAndSomethingToRun) {
  std::set<std::pair<Verb, std::string_view>> seen;
  for (const Operation& one : all_operations()) {
    if (!one.exposed()) continue;
    EXPECT_TRUE(seen.emplace(one.verb, one.path).second) << one.name;
    EXPECT_NE(one.run, nullptr) << one.name;
    EXPECT_TRUE(one.path.starts_with('/')) << one.name;
  }
}

TEST(Operations, ThatOnlyReadSecretsNeverGoInAnAddress) {
  for (const Operation& one : all_operations())
    if (one.verb == Verb::kGet || one.verb == Verb::kDelete)
      for (const Field& field : one.fields) EXPECT_NE(field.type, FieldType::kSecret) << one.name << " " << field.name;
}

class Nobody final : public ProgressListener {
 public:
  void on_event(const Event&) override {}
};

class Operating : public Home {
 protected:
  nlohmann::ordered_json call(std::string_view name, nlohmann::json arguments, const Caller& caller) {
    Nobody listener;
    Call call{house(), caller, std::move(arguments), listener, Deadline::after(std::chrono::seconds(30))};
    return run(perform(*find_operation(name), call));
  }
  Failure refused(std::string_view name, nlohmann::json arguments, const Caller& caller) {
    try {
      call(name, std::move(arguments), caller);
    } catch (const Failure& failure) {
      return failure;
    }
    return Failure(Outcome::kOk, "nothing failed");
  }
  static Caller with(std::set<Scope> scopes) {
    Caller caller;
    caller.name = "token:ci";
    caller.scopes = std::move(scopes);
    return caller;
  }
  const Caller owner_ = Caller::local(1);
};

TEST_F(Operating, AddsAndShowsAnAccountFromJson) {
  call("account.add", {{"name", "work"}, {"username", "alice"}, {"url", "https://app.example/"}, {"tags", {"a"}}},
       owner_);
  const auto shown = call("account.show", {{"account", "work"}}, owner_);
  EXPECT_EQ(shown["username"], "alice");
  EXPECT_EQ(shown["tags"], nlohmann::json({"a"}));
}

TEST_F(Operating, AnUnknownKeyNamesTheNearestOne) {
  const Failure failure = refused("account.show", {{"acount", "work"}}, owner_);
  EXPECT_EQ(failure.code(), Outcome::kInvalidInput);
  EXPECT_EQ(failure.message(), "acount is not known here");
  EXPECT_EQ(failure.hint(), "did you mean \"account\"?");
}

TEST_F(Operating, AKeyThatLooksLikeNoNameIsNotRepeated) {
  const Failure failure = refused("account.show", {{"Hunter2!", "work"}}, owner_);
  EXPECT_EQ(failure.message(), "a key is not known here");
}

TEST_F(Operating, AMissingValueAndAValueOfAnotherTypeAreNamed) {
  EXPECT_EQ(refused("account.show", nlohmann::json::object(), owner_).message(), "account is missing");
  EXPECT_EQ(refused("account.show", {{"account", 3}}, owner_).message(), "account must be a text");
  EXPECT_EQ(refused("account.list", {{"limit", 99999999999}}, owner_).message(), "limit must be a whole number");
  EXPECT_EQ(refused("account.show", nlohmann::json::array(), owner_).code(), Outcome::kInvalidInput);
}

TEST_F(Operating, WithoutTheScopeItIsForbiddenAndTheScopeIsNamed) {
  add("work");
  const Failure failure = refused("code.get", {{"account", "work"}}, with({Scope::kRead}));
  EXPECT_EQ(failure.code(), Outcome::kForbidden);
  EXPECT_TRUE(failure.message().contains("the scope codes")) << failure.message();
}

TEST_F(Operating, WhatIsDoneOnTheMachineItselfIsForbiddenToEveryone) {
  EXPECT_EQ(refused("vault.kit", nlohmann::json::object(), owner_).code(), Outcome::kForbidden);
}

TEST_F(Operating, APasswordCommandIsNamedAtHomeOnly) {
  const nlohmann::json account{
      {"name", "work"}, {"username", "alice"}, {"url", "https://app.example/"}, {"password_command", "id"}};
  EXPECT_EQ(refused("account.add", account, with({Scope::kManage})).code(), Outcome::kForbidden);
  EXPECT_EQ(call("account.add", account, owner_)["password"], "command");
}

TEST_F(Operating, AChangeOfAnAccountThatWasChangedMeanwhileIsRefused) {
  add("work");
  const std::string seen = call("account.show", {{"account", "work"}}, owner_)["etag"];
  call("account.set", {{"account", "work"}, {"notes", "theirs"}, {"if_match", seen}}, owner_);
  EXPECT_EQ(refused("account.set", {{"account", "work"}, {"notes", "ours"}, {"if_match", seen}}, owner_).code(),
            Outcome::kChangedMeanwhile);
  EXPECT_EQ(refused("account.remove", {{"account", "work"}, {"if_match", seen}}, owner_).code(),
            Outcome::kChangedMeanwhile);
  EXPECT_EQ(call("account.show", {{"account", "work"}}, owner_)["notes"], "theirs");
}

TEST_F(Operating, AccountsComeInPagesThatMeetWithoutAGap) {
  for (const char* name : {"a", "b", "c", "d", "e"}) add(name);
  std::vector<std::string> names;
  std::string after;
  do {
    const auto page = call("account.list", {{"limit", 2}, {"after", after}}, owner_);
    for (const auto& one : page["accounts"]) names.push_back(one["name"]);
    after = page["next"].is_null() ? "" : page["next"].get<std::string>();
  } while (!after.empty());
  EXPECT_EQ(names, (std::vector<std::string>{"a", "b", "c", "d", "e"}));
}

TEST_F(Operating, APlaybookIsExplainedByItsNameNeverByAPath) {
  EXPECT_EQ(refused("playbook.explain", {{"app", "/etc/passwd.yaml"}}, owner_).code(), Outcome::kNoPlaybook);
}

TEST_F(Operating, AVaultThatOpensByUnsealAloneIsSealedUntilThen) {
  add("work");
  Wiring wiring;
  wiring.opening = Wiring::Opening::kByUnseal;
  open(std::move(wiring));
  EXPECT_EQ(refused("recovery_codes.list", {{"account", "work"}}, owner_).code(), Outcome::kVaultSealed);
  EXPECT_EQ(call("vault.unseal", nlohmann::json::object(), owner_)["opens"], true);
  EXPECT_EQ(call("recovery_codes.list", {{"account", "work"}}, owner_)["unused"], 0);
}

TEST(Arguments, OfAPathOrAQueryBecomeWhatTheirFieldSays) {
  EXPECT_EQ(argument_of_text({.name = "limit", .type = FieldType::kInteger}, "12"), 12);
  EXPECT_EQ(argument_of_text({.name = "all", .type = FieldType::kFlag}, "true"), true);
  EXPECT_EQ(argument_of_text({.name = "tag", .type = FieldType::kText}, "12"), "12");
  EXPECT_THROW(argument_of_text({.name = "limit", .type = FieldType::kInteger}, "12x"), Failure);
  EXPECT_THROW(argument_of_text({.name = "all", .type = FieldType::kFlag}, "maybe"), Failure);
}

}  // namespace
}  // namespace totpilot::services

// What is made of the operations' rows: routes, OpenAPI, statuses.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>

#include "agent/api/openapi.h"
#include "agent/api/problem.h"
#include "agent/api/router.h"

namespace totpilot::api {
namespace {

using services::all_operations;
using services::Operation;

const Router& router() {
  static const Router kRouter(all_operations());
  return kRouter;
}

/// "/v1/accounts/{account}/totp" with a word for each parameter.
std::string filled(std::string_view path) {
  std::string text = std::string(kPrefix);
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] != '{') {
      text += path[i];
      continue;
    }
    text += "x-1";
    i = path.find('}', i);
  }
  return text;
}

TEST(Router, FindsEachExposedRowByItsVerbAndPathAndNoOther) {
  for (const Operation& one : all_operations()) {
    if (!one.exposed()) continue;
    const Route route = router().find(services::verb_name(one.verb), filled(one.path));
    ASSERT_NE(route.operation, nullptr) << one.name;
    EXPECT_EQ(route.operation->name, one.name);
  }
}

TEST(Router, DecodesWhatStandsAtAParameter) {
  const Route route = router().find("GET", "/v1/accounts/a%20b%2Fc");
  ASSERT_NE(route.operation, nullptr);
  EXPECT_EQ(route.parameters.at("account"), "a b/c");
}

TEST(Router, PrefersALiteralWordToAParameter) {
  EXPECT_EQ(router().find("GET", "/v1/playbooks/schema").operation->name, "playbook.schema");
}

TEST(Router, NamesTheVerbsThatAPathTakes) {
  const Route route = router().find("PUT", "/v1/accounts");
  EXPECT_EQ(route.operation, nullptr);
  EXPECT_TRUE(route.allow.contains("GET") && route.allow.contains("POST")) << route.allow;
}

TEST(Router, KnowsNoOtherPath) {
  for (const char* path :
       {"/", "/v1", "/v1/", "/v2/accounts", "/v1/accounts/", "/v1/accounts//totp", "*", "/v1/%zz", ""})
    EXPECT_EQ(router().find("GET", path).operation, nullptr) << path;
}

TEST(Problem, HasAStatusForEachOutcomeThatIsAFailure) {
  for (const OutcomeInfo& one : all_outcomes()) {
    if (one.code == Outcome::kOk) continue;
    EXPECT_GE(http_status(one.code), 400U) << one.name;
    EXPECT_LE(http_status(one.code), 504U) << one.name;
  }
}

TEST(Problem, SaysOutcomeMessageHintAndRequest) {
  const Reply reply = problem(Failure(Outcome::kNotFound, "there is no account x", "look again"), "req_1");
  const auto json = nlohmann::json::parse(reply.body.begin(), reply.body.end());
  EXPECT_EQ(reply.status, 404U);
  EXPECT_EQ(reply.type, "application/problem+json");
  EXPECT_EQ(json["outcome"], "not_found");
  EXPECT_EQ(json["detail"], "there is no account x");
  EXPECT_EQ(json["hint"], "look again");
  EXPECT_EQ(json["request_id"], "req_1");
}

TEST(OpenApi, DescribesTheRoutesThatThereAreAndNoOther) {
  const auto document = openapi(all_operations());
  std::set<std::string> described;
  for (const auto& [path, verbs] : document["paths"].items())
    for (const auto& [verb, one] : verbs.items()) described.insert(one["operationId"].get<std::string>());
  std::set<std::string> there;
  for (const Operation& one : all_operations())
    if (one.exposed()) there.insert(std::string(one.name));
  EXPECT_EQ(described, there);
}

TEST(OpenApi, NeverPutsASecretIntoAnAddress) {
  const auto document = openapi(all_operations());
  for (const auto& [path, verbs] : document["paths"].items())
    for (const auto& [verb, one] : verbs.items())
      for (const auto& parameter : one.value("parameters", nlohmann::ordered_json::array()))
        EXPECT_NE(parameter["schema"].value("format", ""), "password") << path;
}

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(OpenApi, IsTheCommittedOne) {
  const std::string path = TOTPILOT_SOURCE_DIR "/docs/openapi.json";
  const std::string text = openapi(all_operations()).dump(2) + "\n";
  if (std::getenv("TOTPILOT_UPDATE") != nullptr) std::ofstream(path, std::ios::binary) << text;
  EXPECT_EQ(content_of(path), text) << "TOTPILOT_UPDATE=1 writes it";
}

TEST(ApiPage, HasTheTableOfOutcomes) {
  const std::string path = TOTPILOT_SOURCE_DIR "/docs/api.md";
  EXPECT_TRUE(content_of(path).contains(problem_table())) << problem_table();
}

}  // namespace
}  // namespace totpilot::api

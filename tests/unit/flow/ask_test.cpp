#include "agent/flow/flows.h"
#include "tests/unit/flow/world.h"

namespace totpilot::flow {
namespace {

using testing::HasSubstr;

class Mailed : public World {
 public:
  Mailed() : World("mailed") { app.manners.mails_code = "482913"; }
};

task<Secret> answer_with(std::string value) { co_return Secret(std::move(value)); }

task<Secret> nobody(std::string what) {
  throw Failure(Outcome::kNeedsInput, "nobody gave " + what);
  co_return Secret();
}

/// What the login fails with; an `ok` failure for none.
Failure failure_of(World& world, FlowContext& context) {
  try {
    world.run(login(context));
  } catch (const Failure& failure) {
    return failure;
  }
  return Failure(Outcome::kOk, "nothing failed");
}

TEST(Ask, APersonsAnswerSignsInInTheSameBrowserSession) {
  Mailed world;
  FlowContext context = world.context("login");
  std::string asked;
  context.ask = [&asked](std::string what) {
    asked = std::move(what);
    return answer_with("482913");
  };
  world.run(login(context));
  EXPECT_EQ(asked, "the code that the app sent by e-mail");
  EXPECT_EQ(world.app.ledger.sign_ins, 1);
  EXPECT_EQ(world.app.ledger.password_tries, 1) << "the session that asked goes on";
  EXPECT_EQ(world.app.ledger.foreign_secrets, 0);
}

TEST(Ask, WithoutAnybodyToAskTheRunNeedsInput) {
  Mailed world;
  FlowContext context = world.context("login");
  const Failure failure = failure_of(world, context);
  EXPECT_EQ(failure.code(), Outcome::kNeedsInput);
  EXPECT_THAT(failure.message(), HasSubstr("e-mail"));
}

TEST(Ask, WhatNobodyAnswersEndsTheRunAsNeedsInput) {
  Mailed world;
  FlowContext context = world.context("login");
  context.ask = nobody;
  EXPECT_EQ(failure_of(world, context).code(), Outcome::kNeedsInput);
  EXPECT_EQ(world.app.ledger.sign_ins, 0);
}

TEST(Ask, NobodyIsAskedBeforeTheAppWantsIt) {
  Mailed world;
  world.app.manners.says_at_sign_in = "Too many attempts";
  FlowContext context = world.context("login");
  context.limits.step = std::chrono::milliseconds(50);
  bool asked = false;
  context.ask = [&asked](std::string) {
    asked = true;
    return answer_with("482913");
  };
  EXPECT_NE(failure_of(world, context).code(), Outcome::kOk);
  EXPECT_FALSE(asked);
}

TEST(Ask, TheAnswerIsInNoEventOfTheRun) {
  Mailed world;
  FlowContext context = world.context("login");
  context.ask = [](std::string) { return answer_with("482913"); };
  world.run(login(context));
  for (const auto& step : world.listener.of<StepEnded>()) EXPECT_EQ(step.message.find("482913"), std::string::npos);
}

}  // namespace
}  // namespace totpilot::flow

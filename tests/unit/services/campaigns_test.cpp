#include "agent/services/campaigns.h"

#include <gmock/gmock.h>

#include "agent/services/campaign_driver.h"
#include "agent/services/perform.h"
#include "agent/services/schedules.h"
#include "agent/services/shares.h"
#include "agent/store/accounts.h"
#include "agent/store/jobs.h"
#include "agent/store/members.h"
#include "tests/unit/services/home.h"

namespace totpilot::services {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

/// A house with campaigns, a driver, and a queue whose jobs end as the test says.
class Campaigns : public Home {
 protected:
  Campaigns() {
    run(list_accounts(house(), ""));
    driver_ = std::make_unique<CampaignDriver>(
        context_.get_executor(),
        PlanParts{house().store(), house().clock(), house().pool(), [this](SubmitJob job) { return submit(job); }},
        [this](JobId job) { return cancel(std::move(job)); });
  }
  ~Campaigns() override { driver_.reset(); }

  task<Submitted> submit(SubmitJob job) {
    store::JobRow row;
    row.id = JobId::make(house().clock().now());
    row.account = AccountId::from(job.account);
    row.kind = job.kind;
    row.created = house().clock().now();
    row.request = "{}";
    row.requested_by = job.requested_by;
    row.idempotency_key = job.idempotency_key;
    Submitted submitted;
    submitted.job.emplace();
    submitted.job->id = house().store().write([&](store::WriteTransaction& transaction) {
      const auto known = store::find_job_by_key(transaction, row.requested_by, row.idempotency_key);
      if (known) return known->id;
      store::insert_job(transaction, row);
      return row.id;
    });
    co_return submitted;
  }
  task<void> cancel(JobId job) {
    house().store().write(
        [&](store::WriteTransaction& transaction) { store::cancel_job(transaction, job, house().clock().now()); });
    co_return;
  }
  /// Names of the accounts with a job that has not ended, in their order.
  std::vector<std::string> queued() {
    std::vector<std::string> names;
    house().store().read([&](store::ReadTransaction& transaction) {
      for (const auto& job : store::list_jobs(transaction, store::JobFilter{.state = store::JobState::kQueued}))
        names.push_back(store::find_account(transaction, job.account)->name);
    });
    std::ranges::sort(names);
    return names;
  }
  void end(const std::string& name, store::JobState state) {
    house().store().write([&](store::WriteTransaction& transaction) {
      const AccountId account = store::require_account(transaction, name).id;
      const TimePoint now = house().clock().now();
      const auto open = store::find_open_job(transaction, account, "enroll");
      const auto job = store::claim_job(transaction, open->id, WorkerId::make(now), now, now + std::chrono::minutes(1));
      const bool good = state == store::JobState::kDone;
      store::finish_job(transaction, store::fence_of(*job),
                        {state, good ? "ok" : "mfa_rejected", good ? "" : "=it said \"no\"", now});
    });
    look();
  }
  void fail(const std::string& name) { end(name, store::JobState::kFailed); }
  void succeed(const std::string& name) { end(name, store::JobState::kDone); }
  void look() { run(bool_of(driver_->look())); }
  static task<bool> bool_of(task<void> work) {
    co_await std::move(work);
    co_return true;
  }

  void add_tagged(const std::string& name) {
    AddAccount request = account(name);
    request.tags = {"team"};
    request.password.command = "pass show it";
    run(add_account(house(), std::move(request)));
    house().store().write([&](store::WriteTransaction& transaction) {
      auto row = store::require_account(transaction, name);
      row.app = "redmine";
      store::update_account(transaction, row);
    });
  }
  CampaignPlan plan(int canary = 1, int stop_after = 2) {
    PlanCampaign request;
    request.name = "autumn";
    request.tag = "team";
    request.canary = canary;
    request.stop_after_failures = stop_after;
    return run(plan_campaign(house(), caller_, std::move(request)));
  }
  CampaignPlan plan_file(const std::string& csv, bool dry_run = false) { return run(file_task(csv, dry_run)); }
  task<CampaignPlan> file_task(const std::string& csv, bool dry_run = false) {
    PlanCampaign request;
    request.name = "autumn";
    request.csv = Secret::copy_of(csv);
    request.app = "redmine";
    request.dry_run = dry_run;
    return plan_campaign(house(), caller_, std::move(request));
  }
  void start() {
    run(start_campaign(house(), caller_, {"autumn", false}));
    look();
  }
  CampaignView show() { return run(show_campaign(house(), "autumn")); }
  static std::vector<std::string> plans(const CampaignPlan& plan) {
    std::vector<std::string> out;
    for (const auto& item : plan.items) out.push_back(item.name + " " + item.plan);
    return out;
  }

  Caller caller_ = Caller::local(1);
  std::unique_ptr<CampaignDriver> driver_;
};

TEST_F(Campaigns, TheCanaryRunsAloneAndTheRestAfterItsSuccess) {
  for (const char* name : {"anna", "bert", "cora"}) add_tagged(name);
  plan();
  start();
  EXPECT_THAT(queued(), ElementsAre("anna"));
  succeed("anna");
  EXPECT_THAT(queued(), ElementsAre("bert", "cora"));
  succeed("bert");
  succeed("cora");
  EXPECT_EQ(show().row.state, store::CampaignState::kDone);
  EXPECT_EQ(show().counts.done, 3);
}

TEST_F(Campaigns, WhereTheCanaryFailsNothingElseRuns) {
  for (const char* name : {"anna", "bert", "cora"}) add_tagged(name);
  plan();
  start();
  fail("anna");
  EXPECT_THAT(queued(), IsEmpty());
  EXPECT_EQ(show().row.state, store::CampaignState::kStopped);
  EXPECT_THAT(show().row.remark, HasSubstr("the canary did not go well: anna"));
  EXPECT_EQ(show().counts.waiting, 2);
}

TEST_F(Campaigns, StopsAfterSoManyFailuresAndNeverHasMoreJobsThanFailuresAreAllowed) {
  for (const char* name : {"anna", "bert", "cora", "dora", "emil", "fred"}) add_tagged(name);
  plan(1, 2);
  start();
  succeed("anna");
  EXPECT_THAT(queued(), ElementsAre("bert", "cora"));
  fail("bert");
  EXPECT_THAT(queued(), ElementsAre("cora"));
  fail("cora");
  EXPECT_THAT(queued(), IsEmpty());
  EXPECT_EQ(show().row.state, store::CampaignState::kStopped);
  EXPECT_THAT(show().row.remark, HasSubstr("2 failures, the first of bert"));
  EXPECT_EQ(show().counts.waiting, 3);
}

TEST_F(Campaigns, APausedOneSubmitsNothingUntilItIsResumed) {
  for (const char* name : {"anna", "bert", "cora", "dora"}) add_tagged(name);
  plan(1, 1);
  start();
  succeed("anna");
  run(pause_campaign(house(), "autumn"));
  succeed("bert");
  EXPECT_THAT(queued(), IsEmpty());
  run(resume_campaign(house(), "autumn"));
  look();
  EXPECT_THAT(queued(), ElementsAre("cora"));
}

TEST_F(Campaigns, AStoppedOneCancelsWhatHasNotBegun) {
  for (const char* name : {"anna", "bert", "cora"}) add_tagged(name);
  plan(0, 0);
  start();
  EXPECT_THAT(queued(), SizeIs(3));
  run(stop_campaign(house(), "autumn"));
  look();
  look();
  EXPECT_THAT(queued(), IsEmpty());
  EXPECT_EQ(show().counts.cancelled, 3);
}

TEST_F(Campaigns, ARestartBetweenSubmitAndItsRecordSubmitsNothingTwice) {
  for (const char* name : {"anna", "bert"}) add_tagged(name);
  plan(0, 0);
  start();
  auto items = show().items;
  for (auto& item : items) {
    item.state = store::ItemState::kWaiting;
    item.job = JobId();
    house().store().write(
        [&](store::WriteTransaction& transaction) { store::update_campaign_item(transaction, item); });
  }
  look();
  EXPECT_THAT(queued(), ElementsAre("anna", "bert"));
}

TEST_F(Campaigns, AnAccountThatIsRemovedMeanwhileCountsAsCancelled) {
  add_tagged("anna");
  plan(0, 0);
  start();
  run(remove_account(house(), {.account = "anna", .with_factor = true}));
  look();
  EXPECT_EQ(show().counts.cancelled, 1);
  EXPECT_EQ(show().row.state, store::CampaignState::kDone);
}

TEST_F(Campaigns, TheResultIsCsvInWhichNoCellIsAFormula) {
  add_tagged("anna");
  plan();
  start();
  fail("anna");
  EXPECT_THAT(run(campaign_result(house(), "autumn")),
              HasSubstr("anna,enroll,failed,mfa_rejected,\"'=it said \"\"no\"\"\",job_"));
}

TEST_F(Campaigns, ThePlanSaysWhatWouldHappenToEachAccount) {
  add_tagged("anna");
  run(add_account(house(), account("clash")));
  const auto plan = plan_file(
      "name,username,url,password,app,tags,owner,shares,notes\n"
      "anna,alice,https://app.example,,,,,,\n"
      "clash,somebody,https://other.example,pw-1,,,,,\n"
      "fresh,bob,https://app.example,\"pw,\"\"2\"\"\",,\"a,b\",,,hello\n"
      "hand,bob,https://app.example,pw-3,unknown,,,,\n"
      "open,bob,https://app.example,,,,,,\n");
  EXPECT_THAT(plans(plan),
              ElementsAre("anna enroll", "clash name_clash", "fresh enroll", "hand no_playbook", "open no_password"));
  const AccountView fresh = run(show_account(house(), "fresh"));
  EXPECT_EQ(fresh.password, "sealed");
  EXPECT_EQ(fresh.app, "redmine");
  EXPECT_THAT(fresh.tags, ElementsAre("a", "b"));
  const std::string told = to_json(plan).dump() + to_json(show()).dump();
  for (const char* password : {"pw-1", "pw,", "pw-3"}) EXPECT_THAT(told, Not(HasSubstr(password)));
}

TEST_F(Campaigns, ASealedPasswordIsTheOneOfTheFile) {
  plan_file("name,username,url,password\nfresh,bob,https://app.example,\"pw,\"\"2\"\" \"\n");
  const auto row = house().store().read(
      [](store::ReadTransaction& transaction) { return store::require_account(transaction, "fresh"); });
  EXPECT_EQ(house().vault().unseal(vault::password_context(row.id), row.sealed_password).reveal(), "pw,\"2\" ");
}

TEST_F(Campaigns, EveryBadLineIsNamedAtOnceAndNothingIsTakenOverOrRepeated) {
  const Failure failure =
      failure_of(file_task("name,username,url,password,owner\n"
                           "good,bob,https://app.example,pw,\n"
                           "hunter2!,bob,https://app.example,pw,\n"
                           "short,bob,https://app.example\n"
                           "plain,bob,http://far.example,hunter2,\n"
                           "good,,https://app.example,pw,\n"));
  EXPECT_EQ(failure.code(), Outcome::kInvalidInput);
  EXPECT_THAT(failure.message(), HasSubstr("line 3: its name"));
  EXPECT_THAT(failure.message(), HasSubstr("line 4: it has 3 cells where the first line has 5"));
  EXPECT_THAT(failure.message(), HasSubstr("line 5: "));
  EXPECT_THAT(failure.message(), HasSubstr("line 6: it has the name of line 2"));
  EXPECT_THAT(failure.message(), HasSubstr("line 6: its user name is empty"));
  EXPECT_THAT(failure.message() + failure.hint(), Not(HasSubstr("hunter2")));
  EXPECT_THAT(run(list_accounts(house(), "")), IsEmpty());
}

TEST_F(Campaigns, OwnersAndSharesThatNobodyIsAreNamedByLine) {
  const Failure failure =
      failure_of(file_task("name,username,url,owner,shares\n"
                           "one,bob,https://app.example,nobody,\n"
                           "two,bob,https://app.example,,ghosts\n"));
  EXPECT_THAT(failure.message(), HasSubstr("line 2: its owner names nobody"));
  EXPECT_THAT(failure.message(), HasSubstr("line 3: its column shares names nobody"));
  EXPECT_THAT(run(list_accounts(house(), "")), IsEmpty());
}

TEST_F(Campaigns, TheExportsOfPasswordManagersAreRead) {
  const auto bitwarden = plan_file(
      "\xEF\xBB\xBF"
      "folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,login_password,login_totp\r\n"
      ",,login,Redmine (work),\"PIN 1234\n\",,0,https://redmine.example/login?back=1,alice,pw,\r\n"
      ",,note,A note,secret,,0,,,,\r\n"
      ",,login,Wiki,,,0,https://wiki.example,alice,pw,JBSWY3DPEHPK3PXP\r\n",
      true);
  EXPECT_THAT(plans(bitwarden), ElementsAre("redmine-work enroll", "wiki already_on"));
  EXPECT_THAT(bitwarden.remarks, testing::Contains(HasSubstr("1 line that is no login")));
  const auto onepassword = plan_file(
      "Title,Url,Username,Password,OTPAuth,Favorite,Archived,Tags,Notes\n"
      "Redmine,https://redmine.example/login,alice,pw,,false,false,work,\n",
      true);
  EXPECT_THAT(plans(onepassword), ElementsAre("redmine enroll"));
  const auto chrome =
      plan_file("name,url,username,password,note\nredmine.example,https://redmine.example/,a,pw,\n", true);
  EXPECT_THAT(plans(chrome), ElementsAre("redmine.example enroll"));
  EXPECT_THAT(run(list_accounts(house(), "")), IsEmpty());
}

TEST_F(Campaigns, AccountsWhoseCodesNobodyElseCouldReadAreNamedAndAskedAbout) {
  house().store().write([&](store::WriteTransaction& transaction) {
    store::MemberRow member;
    member.id = MemberId::make(house().clock().now());
    member.name = "anna";
    member.role = "user";
    member.created = member.updated = house().clock().now();
    store::insert_member(transaction, member);
  });
  const auto plan = plan_file(
      "name,username,url,password,shares\n"
      "shared,bob,https://app.example,pw,anna\n"
      "lonely,bob,https://app.example,pw,\n");
  EXPECT_EQ(to_json(plan)["read_by_nobody_else"], nlohmann::ordered_json({"lonely"}));
  const Failure asked = failure_of(start_campaign(house(), caller_, {"autumn", false}));
  EXPECT_THAT(asked.message(), HasSubstr("nobody else could read the codes of lonely"));
  EXPECT_EQ(run(start_campaign(house(), caller_, {"autumn", true})).row.state, store::CampaignState::kCanary);
}

TEST_F(Campaigns, WithNothingToDoThereIsNothingToStart) {
  plan_file("name,username,url\nopen,bob,https://app.example\n");
  EXPECT_THAT(failure_of(start_campaign(house(), caller_, {"autumn", false})).message(), HasSubstr("nothing to do"));
}

TEST_F(Campaigns, AreMadeAndReadThroughTheDoor) {
  add_tagged("anna");
  WaitRecorder listener;
  const auto call = [&](std::string_view name, nlohmann::json arguments) {
    Call one{house(), caller_, std::move(arguments), listener, Deadline::after(std::chrono::seconds(30))};
    return run(perform(*find_operation(name), one));
  };
  call("campaign.plan", {{"name", "autumn"}, {"tag", "team"}});
  EXPECT_EQ(call("campaign.start", {{"campaign", "autumn"}})["state"], "canary");
  EXPECT_EQ(call("campaign.list", nlohmann::json::object())["campaigns"].size(), 1U);
  EXPECT_EQ(call("campaign.show", {{"campaign", "autumn"}})["items"][0]["account"], "anna");
  call("schedule.add",
       {{"name", "weekly"}, {"cron", "0 3 * * mon"}, {"zone", "Europe/Berlin"}, {"kind", "check"}, {"tag", "team"}});
  EXPECT_EQ(call("schedule.show", {{"schedule", "weekly"}})["words"], "every Monday at 03:00 (Europe/Berlin)");
  EXPECT_EQ(call("schedule.set", {{"schedule", "weekly"}, {"enabled", false}})["next_due"], nullptr);
  EXPECT_NE(call("schedule.set", {{"schedule", "weekly"}, {"enabled", true}})["next_due"], nullptr);
  EXPECT_EQ(call("schedule.remove", {{"schedule", "weekly"}})["name"], "weekly");
}

TEST_F(Campaigns, AScheduleThatCannotBeFollowedIsRefusedWithTheReason) {
  const auto refusal = [&](auto change) {
    AddSchedule request;
    request.name = "weekly";
    request.cron = "0 3 * * mon";
    request.kind = "check";
    request.tag = "team";
    change(request);
    return failure_of(add_schedule(house(), caller_, std::move(request))).message();
  };
  EXPECT_THAT(refusal([](AddSchedule& r) { r.cron = "61 3 * * *"; }), HasSubstr("cron: the minute"));
  EXPECT_THAT(refusal([](AddSchedule& r) { r.cron = "0 0 30 2 *"; }), HasSubstr("never comes"));
  EXPECT_THAT(refusal([](AddSchedule& r) { r.zone = "Mars/Phobos"; }), HasSubstr("Mars/Phobos"));
  EXPECT_THAT(refusal([](AddSchedule& r) { r.kind = "disable"; }), HasSubstr("not done by a plan"));
  EXPECT_THAT(refusal([](AddSchedule& r) { r.tag = ""; }), HasSubstr("accounts of a tag"));
  EXPECT_THAT(refusal([](AddSchedule& r) { r.blackouts = {"8-18"}; }), HasSubstr("blackouts: the window"));
  EXPECT_THAT(refusal([](AddSchedule& r) { r.arguments = {{"accept_rotat", true}}; }), HasSubstr("accept_rotat"));
}

}  // namespace
}  // namespace totpilot::services

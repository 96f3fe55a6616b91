// An enrollment that dies, or whose disk fails, at each point there is: afterwards the vault and the app are asked.
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/unit/enrollment/practice_run.h"
#include "tests/unit/store/faulty_disk.h"

namespace totpilot::enrollment {
namespace {

enum class Death { kKilled, kFinished };

class CrashTest : public testing::Test {
 protected:
  CrashTest() {
    House house(scratch_.path());
    house.add_account();
  }
  ~CrashTest() override {
    unsetenv("TOTPILOT_FAIL_POINT");
    unsetenv("TOTPILOT_FAIL_POINT_LOG");
  }

  /// Later than every lease of the processes before.
  void let_time_pass(House& house) { house.clock.move(std::chrono::minutes(10) * ++processes_); }

  /// Runs `work` in a process of its own that dies at `point`, if it comes there.
  Death run_to_death(const std::string& point, void (*work)(House&, PracticeApp&)) {
    return run_to_death(scratch_, app_, point, work);
  }
  Death run_to_death(const Scratch& directory, PracticeApp& app, const std::string& point,
                     void (*work)(House&, PracticeApp&)) {
    ++processes_;
    const pid_t child = fork();
    if (child == 0) {
      setenv("TOTPILOT_FAIL_POINT", (point + ":kill").c_str(), 1);
      try {
        House house(directory.path());
        house.clock.move(std::chrono::minutes(10) * processes_);
        work(house, app);
        _exit(0);
      } catch (const std::exception& e) {
        fprintf(stderr, "%s: %s\n", point.c_str(), e.what());
        _exit(1);
      }
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE((WIFEXITED(status) && WEXITSTATUS(status) == 0) || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
        << point;
    return WIFSIGNALED(status) ? Death::kKilled : Death::kFinished;
  }

  /// The oracle of safety.md B.5, asked at any time: if the app asks for codes, the vault has the key.
  void expect_nothing_lost(House& house, const std::string& when) {
    EXPECT_LE(app_.submits(), 1) << when;
    EXPECT_EQ(app_.reused(), 0) << when;
    if (!app_.enabled()) return;
    const AccountId account = house.only_account().id;
    const auto rows = house.factors.probe_order(account);
    const auto current_code = totp::code_at(Secret::copy_of(kKey), {}, house.clock.now());
    const bool found = std::ranges::any_of(rows, [&](const store::FactorRow& row) {
      const auto uri = house.factors.export_uri(row.id);
      const auto otpauth = totp::parse_otpauth(uri.reveal());
      return otpauth && totp::code_at(otpauth->key, otpauth->parameters, house.clock.now()).same_as(current_code);
    });
    EXPECT_TRUE(found) << when;
  }

  /// And once recovery is through: active if the app asks for codes, else known to be safe.
  void expect_settled(House& house, const std::string& when) {
    const AccountId account = house.only_account().id;
    const auto enrollments = house.journal.list(account);
    if (enrollments.empty()) {
      EXPECT_FALSE(app_.enabled()) << when;
      return;
    }
    const std::string& state = enrollments.front().state;
    if (app_.enabled()) {
      EXPECT_EQ(state, "active") << when;
      EXPECT_EQ(house.factors.current(account)->state, store::FactorState::kLive) << when;
    } else {
      EXPECT_TRUE(state == "failed_safe" || state == "cancelled") << when << ": " << state;
      EXPECT_FALSE(house.factors.current(account)) << when;
    }
  }

  void recover_and_check(const std::string& when) {
    House house(scratch_.path());
    expect_nothing_lost(house, when);
    let_time_pass(house);
    recover(house, app_);
    expect_nothing_lost(house, when);
    expect_settled(house, when);
  }

  Scratch scratch_;
  PracticeApp app_;
  int processes_ = 0;
};

class EveryFailPoint : public CrashTest, public testing::WithParamInterface<std::string> {};

TEST_P(EveryFailPoint, LosesNothingWhenTheProcessIsKilledThere) {
  EXPECT_EQ(run_to_death(GetParam(), enroll), Death::kKilled);
  recover_and_check(GetParam());
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const std::string_view name : all_fail_points()) all.emplace_back(name);
  return all;
}

/// Those that an enrollment passes which nothing disturbs; the others belong to recovery.
std::vector<std::string> names_of_an_enrollment() {
  auto all = names();
  std::erase_if(all, [](const std::string& name) {
    const std::string of = name.substr(0, name.find('.'));
    return of == "uncertain" || of == "failed_safe" || of == "needs_human" || of == "cancelled" || of == "claim" ||
           of == "codes_mark";
  });
  return all;
}

INSTANTIATE_TEST_SUITE_P(All, EveryFailPoint, testing::ValuesIn(names_of_an_enrollment()), [](const auto& info) {
  std::string name = info.param;
  std::ranges::replace(name, '.', '_');
  return name;
});

/// The ends that neither an enrollment nor its recovery comes to.
void odd_ends(House& house, PracticeApp&) {
  const store::AccountRow account = house.only_account();
  Enrollment enrollment = house.journal.begin({account.id, house.add_job(account.id), "", ""});
  house.journal.advance(enrollment, State::kAuthenticating, {});
  house.journal.advance(enrollment, State::kSetupOpening, {});
  house.journal.mark_codes(enrollment, Journal::CodesMark::kNone);
  house.journal.advance(enrollment, State::kNeedsHuman, {});
}

TEST_F(CrashTest, PassesEveryFailPointOfTheList) {
  const std::string log = (scratch_.path() / "passed").string();
  setenv("TOTPILOT_FAIL_POINT_LOG", log.c_str(), 1);
  run_to_death("planned.after_commit", enroll);  // recovery cancels
  run_to_death("cancelled.after_commit", recover);
  run_to_death("submit_armed.before_commit", enroll);  // recovery fails safe
  run_to_death("claim.after_commit", recover);
  run_to_death("failed_safe.after_commit", recover);
  run_to_death("needs_human.after_commit", odd_ends);
  run_to_death("active.after_commit", enroll);

  std::set<std::string> passed;
  std::ifstream lines(log);
  for (std::string line; std::getline(lines, line);) passed.insert(line);
  for (const std::string& name : names()) EXPECT_TRUE(passed.contains(name)) << name << " was never passed";
}

// Compound: recovery is killed as well, wherever it comes by, and a third process settles it.
TEST_F(CrashTest, LosesNothingWhenRecoveryIsKilledToo) {
  for (const std::string first :
       {"secret_durable.after_commit", "submit_armed.after_effect", "verifying.after_effect"}) {
    for (const std::string second :
         {"claim.after_commit", "uncertain.after_commit", "failed_safe.before_commit", "verifying.after_commit",
          "window_spent.after_commit", "active.before_commit", "active.after_commit"}) {
      const std::string when = first + ", then " + second;
      Scratch directory;
      PracticeApp app;
      processes_ = 0;
      run_to_death(directory, app, first, [](House& house, PracticeApp& truth) {
        house.add_account();
        enroll(house, truth);
      });
      run_to_death(directory, app, second, recover);

      House house(directory.path());
      house.clock.move(std::chrono::minutes(30));
      recover(house, app);
      EXPECT_EQ(house.journal.list(house.only_account().id).front().state, app.enabled() ? "active" : "failed_safe")
          << when;
      EXPECT_LE(app.submits(), 1) << when;
      EXPECT_EQ(app.reused(), 0) << when;
    }
  }
}

TEST_F(CrashTest, LosesNothingWhenAnExceptionEndsTheRunAtAnyPoint) {
  for (const std::string& name : names()) {
    Scratch directory;
    PracticeApp app;
    House house(directory.path());
    house.add_account();
    setenv("TOTPILOT_FAIL_POINT", (name + ":throw").c_str(), 1);
    const Outcome outcome = outcome_of([&] { enroll(house, app); });
    unsetenv("TOTPILOT_FAIL_POINT");
    EXPECT_TRUE(outcome == Outcome::kOk || outcome == Outcome::kInternal) << name;

    house.clock.move(std::chrono::minutes(10));
    recover(house, app);
    const auto enrollments = house.journal.list(house.only_account().id);
    EXPECT_LE(app.submits(), 1) << name;
    EXPECT_EQ(app.reused(), 0) << name;
    if (app.enabled()) {
      EXPECT_EQ(enrollments.front().state, "active") << name;
    } else if (!enrollments.empty()) {
      EXPECT_TRUE(is_final(*state_from_name(enrollments.front().state))) << name;
    }
  }
}

// "eio" is what a failing disk gives at that point, "enospc" a full one.
TEST_F(CrashTest, SendsNoCodeWhenTheDiskFailsBeforeItIsArmed) {
  for (const std::string point :
       {"secret_durable.before_commit:eio", "secret_durable.after_commit:enospc", "submit_armed.before_commit:eio",
        "submit_armed.after_commit:eio", "window_spent.before_commit:enospc", "window_spent.after_commit:eio"}) {
    Scratch directory;
    PracticeApp app;
    House house(directory.path());
    house.add_account();
    setenv("TOTPILOT_FAIL_POINT", point.c_str(), 1);
    EXPECT_EQ(outcome_of([&] { enroll(house, app); }), Outcome::kStorageFailed) << point;
    unsetenv("TOTPILOT_FAIL_POINT");
    EXPECT_EQ(app.submits(), 0) << point;
    EXPECT_FALSE(house.vault->escrow().list().empty()) << point;
  }
}

// The real thing: the n-th sync of the write-ahead log fails, for every n, once and from then on. A COMMIT that fails
// may have happened.
TEST_F(CrashTest, LosesNothingWhenTheNthSyncFails) {
  for (const bool for_ever : {false, true}) {
    bool reached_the_end = false;
    for (int nth = 0; !reached_the_end; ++nth) {
      ASSERT_LT(nth, 100) << "the run never got through";
      store::FaultyDisk disk;
      Scratch directory;
      PracticeApp app;
      {
        House house(directory.path());
        house.add_account();
        disk.fail_sync(nth, "-wal", for_ever);
        outcome_of([&] { enroll(house, app); });
        reached_the_end = !disk.failed();
        disk.heal();
      }
      const std::string when = "sync " + std::to_string(nth) + (for_ever ? " and all later ones" : "");
      House house(directory.path());
      house.clock.move(std::chrono::minutes(10));
      recover(house, app);
      EXPECT_LE(app.submits(), 1) << when;
      EXPECT_EQ(app.reused(), 0) << when;
      const auto enrollments = house.journal.list(house.only_account().id);
      if (app.enabled()) {
        ASSERT_FALSE(enrollments.empty()) << when;
        EXPECT_EQ(enrollments.front().state, "active") << when;
      } else if (!enrollments.empty()) {
        EXPECT_TRUE(is_final(*state_from_name(enrollments.front().state))) << when;
      }
    }
  }
}

/// A run in one process, over a disk that is told when to fail.
class FailingDisk : public testing::Test {
 protected:
  Enrollment begin() { return house_.journal.begin({account_.id, house_.add_job(account_.id), "", ""}); }
  Enrollment at_setup() {
    Enrollment enrollment = begin();
    house_.journal.advance(enrollment, State::kAuthenticating, {});
    house_.journal.advance(enrollment, State::kSetupOpening, {});
    return enrollment;
  }

  store::FaultyDisk disk_;  // before what opens files on it
  Scratch directory_;
  House house_{directory_.path()};
  store::AccountRow account_ = house_.add_account();
};

TEST_F(FailingDisk, HandsOutNoDurableFactorAfterADoubtfulCommit) {
  Enrollment enrollment = at_setup();

  disk_.fail_sync(0, "-wal");
  EXPECT_EQ(outcome_of([&] { house_.journal.keep_candidate(enrollment, captured()); }), Outcome::kStorageFailed);
  EXPECT_TRUE(disk_.failed());
  disk_.heal();

  EXPECT_EQ(house_.vault->escrow().list().size(), 1U) << "the only copy that is certain";
}

TEST_F(FailingDisk, KeepsRecoveryCodesForCertainWhenTheDiskLeftADoubtOnce) {
  Enrollment enrollment = at_setup();
  house_.journal.keep_candidate(enrollment, captured());

  disk_.fail_sync(0, "-wal");
  EXPECT_EQ(house_.journal.keep_recovery_codes(enrollment, some_codes()), 3);
  EXPECT_TRUE(disk_.failed());
  disk_.heal();
  EXPECT_EQ(house_.recovery.unused(account_.id), 3);
}

TEST_F(FailingDisk, DoesNotSayThatRecoveryCodesAreKeptWhileTheDiskStaysBroken) {
  Enrollment enrollment = at_setup();
  house_.journal.keep_candidate(enrollment, captured());

  disk_.fail_sync(0, "-wal", true);
  EXPECT_EQ(outcome_of([&] { house_.journal.keep_recovery_codes(enrollment, some_codes()); }), Outcome::kStorageFailed);
  disk_.heal();
}

TEST_F(FailingDisk, KeepsRenewedRecoveryCodesOnceAfterADoubtfulCommit) {
  disk_.fail_sync(0, "-wal");
  EXPECT_EQ(house_.recovery.keep(account_.id, FactorId(), some_codes(), Lease{}), 3);
  EXPECT_TRUE(disk_.failed());
  disk_.heal();
  EXPECT_EQ(house_.recovery.list(account_.id).size(), 3U);
  EXPECT_EQ(house_.recovery.unused(account_.id), 3);
}

TEST_F(FailingDisk, GoesOnAfterACommitThatWasReportedFailedAndHasHappened) {
  Enrollment enrollment = begin();
  disk_.fail_sync(0, "-wal");
  const Outcome outcome = outcome_of([&] { house_.journal.advance(enrollment, State::kAuthenticating, {}); });
  disk_.heal();
  // Whichever it was, the journal and the row agree.
  EXPECT_EQ(house_.journal.list(account_.id).front().state, state_name(enrollment.state()));
  EXPECT_EQ(outcome == Outcome::kOk, enrollment.state() == State::kAuthenticating);
  EXPECT_EQ(outcome_of([&] {
              house_.journal.advance(enrollment,
                                     outcome == Outcome::kOk ? State::kSetupOpening : State::kAuthenticating, {});
            }),
            Outcome::kOk);
}

TEST(FailPoint, CountsItsPasses) {
  setenv("TOTPILOT_FAIL_POINT", "claim.before_commit:throw@3", 1);
  pass_fail_point("claim.before_commit");
  pass_fail_point("claim.after_commit");
  pass_fail_point("claim.before_commit");
  EXPECT_THROW(pass_fail_point("claim.before_commit"), Failure);
  pass_fail_point("claim.before_commit");
  unsetenv("TOTPILOT_FAIL_POINT");
}

TEST(FailPointDeathTest, AbortsForANameThatIsNotInTheList) {
  EXPECT_DEATH(pass_fail_point("submit_armed.before_comit"), "there is none of this name");
}

}  // namespace
}  // namespace totpilot::enrollment

#include <gtest/gtest.h>

#include "agent/store/attempts.h"
#include "agent/store/enrollments.h"
#include "agent/store/factors.h"
#include "agent/store/job_turns.h"
#include "agent/store/jobs.h"
#include "agent/store/query.h"
#include "agent/store/recovery_codes.h"
#include "agent/store/sessions.h"
#include "agent/store/vault_rows.h"
#include "agent/store/windows.h"
#include "tests/unit/store/scratch.h"

namespace totpilot::store {
namespace {

class Rows : public ::testing::Test {
 protected:
  template <class Work>
  auto write(Work&& work) {
    return store_->write(std::forward<Work>(work));
  }
  template <class Work>
  auto read(Work&& work) {
    return store_->read(std::forward<Work>(work));
  }

  FactorRow a_factor(FactorState state, std::int64_t created) {
    FactorRow factor;
    factor.id = FactorId::make(at(created));
    factor.account = account_.id;
    factor.state = state;
    factor.parameters = {"SHA256", 8, 60, "decimal"};
    factor.issuer = "Redmine";
    factor.vendor = "lock=true";
    factor.label = "alice";
    factor.sealed_secret = "sealed";
    factor.fingerprint = "f" + std::to_string(created);
    factor.source = "text+qr";
    factor.created = at(created);
    write([&](WriteTransaction& transaction) { insert_factor(transaction, factor); });
    return factor;
  }
  FactorState state_of(const FactorRow& factor) {
    return read([&](ReadTransaction& transaction) { return find_factor(transaction, factor.id)->state; });
  }

  EnrollmentRow an_enrollment() {
    EnrollmentRow row;
    row.id = EnrollmentId::make(at(0));
    row.account = account_.id;
    row.state = "planned";
    row.lease_generation = 1;
    row.playbook_text = "playbook: 1\n";
    row.created = row.updated = at(0);
    write([&](WriteTransaction& transaction) { insert_enrollment(transaction, row, "{}"); });
    return row;
  }
  int advance(const EnrollmentRow& from, const std::string& state) {
    EnrollmentRow next = from;
    next.state = state;
    next.updated = at(5);
    return write(
        [&](WriteTransaction& transaction) { return advance_enrollment(transaction, fence_of(from), next, "{}"); });
  }

  JobRow a_job(std::int64_t created, const AccountId& account) {
    JobRow job;
    job.id = JobId::make(at(created));
    job.account = account;
    job.kind = "enroll";
    job.request = "{}";
    job.created = at(created);
    write([&](WriteTransaction& transaction) { insert_job(transaction, job); });
    return job;
  }
  std::optional<JobRow> claim(const JobId& id, std::int64_t now) {
    return write(
        [&](WriteTransaction& transaction) { return claim_job(transaction, id, worker_, at(now), at(now + 100)); });
  }

  Scratch scratch_;
  std::unique_ptr<Store> store_ = scratch_.open();
  AccountRow account_ = insert_an_account(*store_);
  WorkerId worker_ = WorkerId::make(at(0));
};

TEST_F(Rows, AccountComesBackAsItWasGiven) {
  AccountRow account = an_account("other");
  account.insecure_http = true;
  account.sealed_password = "c2VhbGVk";
  account.password_command = "pass show 'x'";
  account.password_file = "/run/p";
  account.notes = "two\nlines";
  account.skew_ms = -1500;
  account.skew_measured = at(7);
  write([&](WriteTransaction& transaction) { insert_account(transaction, account); });
  const AccountRow back = read([](ReadTransaction& transaction) { return require_account(transaction, "other"); });
  EXPECT_EQ(back.id, account.id);
  EXPECT_EQ(back.origins, account.origins);
  EXPECT_EQ(back.tags, account.tags);
  EXPECT_TRUE(back.insecure_http);
  EXPECT_EQ(back.sealed_password, account.sealed_password);
  EXPECT_EQ(back.password_command, account.password_command);
  EXPECT_EQ(back.password_file, account.password_file);
  EXPECT_EQ(back.notes, account.notes);
  EXPECT_EQ(back.skew_ms, -1500);
  EXPECT_EQ(back.skew_measured, at(7));
  EXPECT_EQ(back.created, account.created);
}

TEST_F(Rows, AccountNamesAreUnique) {
  EXPECT_EQ(outcome_of([&] { insert_an_account(*store_); }), Outcome::kAlreadyExists);
  AccountRow other = insert_an_account(*store_, "other");
  other.name = account_.name;
  EXPECT_EQ(outcome_of([&] { write([&](WriteTransaction& transaction) { update_account(transaction, other); }); }),
            Outcome::kAlreadyExists);
}

TEST_F(Rows, AccountIsFoundByNameOrIdAndACloseNameIsOffered) {
  read([&](ReadTransaction& transaction) {
    EXPECT_EQ(require_account(transaction, account_.id.str()).name, account_.name);
    try {
      require_account(transaction, "redmine-alcie");
      FAIL();
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), Outcome::kNotFound);
      EXPECT_NE(failure.hint().find("redmine-alice"), std::string::npos);
    }
  });
}

TEST_F(Rows, DeletingAnAccountTakesAllThatIsItsOwn) {
  a_factor(FactorState::kLive, 1);
  a_job(1, account_.id);
  const EnrollmentRow enrollment = an_enrollment();
  write([&](WriteTransaction& transaction) { EXPECT_TRUE(delete_account(transaction, account_.id)); });
  read([&](ReadTransaction& transaction) {
    EXPECT_TRUE(list_factors(transaction, account_.id).empty());
    EXPECT_TRUE(list_jobs(transaction, {}, 10).empty());
    EXPECT_TRUE(list_enrollment_events(transaction, enrollment.id).empty());
  });
}

TEST_F(Rows, FactorComesBackAsItWasGiven) {
  const FactorRow factor = a_factor(FactorState::kCandidate, 3);
  const FactorRow back = *read([&](ReadTransaction& transaction) { return find_factor(transaction, factor.id); });
  EXPECT_EQ(back.parameters.algorithm, "SHA256");
  EXPECT_EQ(back.parameters.digits, 8);
  EXPECT_EQ(back.parameters.period, 60);
  EXPECT_EQ(back.issuer, "Redmine");
  EXPECT_EQ(back.vendor, "lock=true");
  EXPECT_EQ(back.source, "text+qr");
  EXPECT_EQ(back.created, at(3));
  EXPECT_EQ(back.confirmed, std::nullopt);
}

TEST_F(Rows, FactorOfAnAccountThatIsGoneIsRefused) {
  account_.id = AccountId::make(at(9));
  EXPECT_EQ(outcome_of([&] { a_factor(FactorState::kCandidate, 1); }), Outcome::kNotFound);
}

TEST_F(Rows, FactorStateChangesOnlyFromTheExpectedOne) {
  const FactorRow factor = a_factor(FactorState::kCandidate, 1);
  const auto change = [&](FactorState from, FactorState to) {
    return write(
        [&](WriteTransaction& transaction) { return set_factor_state(transaction, factor.id, from, to, at(2)); });
  };
  EXPECT_FALSE(change(FactorState::kLive, FactorState::kDiscarded));
  EXPECT_TRUE(change(FactorState::kCandidate, FactorState::kConfirmed));
  EXPECT_EQ(read([&](ReadTransaction& transaction) { return find_factor(transaction, factor.id)->confirmed; }), at(2));
}

TEST_F(Rows, MakingAFactorLiveSupersedesTheOldOneAndKeepsOtherCandidates) {
  const FactorRow old = a_factor(FactorState::kLive, 1);
  const FactorRow confirmed = a_factor(FactorState::kConfirmed, 2);
  const FactorRow candidate = a_factor(FactorState::kCandidate, 3);
  const FactorRow fresh = a_factor(FactorState::kConfirmed, 4);
  EXPECT_TRUE(write([&](WriteTransaction& transaction) { return make_factor_live(transaction, fresh.id, at(9)); }));
  EXPECT_EQ(state_of(old), FactorState::kSuperseded);
  EXPECT_EQ(state_of(confirmed), FactorState::kSuperseded);
  EXPECT_EQ(state_of(candidate), FactorState::kCandidate);
  EXPECT_EQ(state_of(fresh), FactorState::kLive);
}

TEST_F(Rows, ADiscardedFactorIsNeverMadeLive) {
  const FactorRow live = a_factor(FactorState::kLive, 1);
  const FactorRow discarded = a_factor(FactorState::kDiscarded, 2);
  EXPECT_FALSE(
      write([&](WriteTransaction& transaction) { return make_factor_live(transaction, discarded.id, at(9)); }));
  EXPECT_EQ(state_of(live), FactorState::kLive);
}

TEST_F(Rows, AnAccountHasOneLiveFactorAtMost) {
  a_factor(FactorState::kLive, 1);
  EXPECT_EQ(outcome_of([&] { a_factor(FactorState::kLive, 2); }), Outcome::kAlreadyExists);
}

TEST_F(Rows, TheUsableFactorIsTheLiveOneElseTheNewestConfirmed) {
  const auto usable = [&] {
    return read([&](ReadTransaction& transaction) { return find_usable_factor(transaction, account_.id); });
  };
  a_factor(FactorState::kCandidate, 9);
  EXPECT_EQ(usable(), std::nullopt) << "a candidate is never handed out";
  a_factor(FactorState::kConfirmed, 1);
  const FactorRow newer = a_factor(FactorState::kConfirmed, 2);
  EXPECT_EQ(usable()->id, newer.id);
  const FactorRow live = a_factor(FactorState::kLive, 0);
  EXPECT_EQ(usable()->id, live.id);
}

TEST_F(Rows, ARecoveryCodeIsUsedOnce) {
  RecoveryCodeRow code;
  code.id = RecoveryCodeId::make(at(0));
  code.account = account_.id;
  code.position = 1;
  code.sealed_code = "sealed";
  code.created = at(0);
  write([&](WriteTransaction& transaction) { insert_recovery_codes(transaction, {code}); });
  const auto use = [&] {
    return write(
        [&](WriteTransaction& transaction) { return use_recovery_code(transaction, code.id, "job_1", at(4)); });
  };
  EXPECT_TRUE(use());
  EXPECT_FALSE(use());
  const RecoveryCodeRow back =
      *read([&](ReadTransaction& transaction) { return find_recovery_code(transaction, code.id); });
  EXPECT_EQ(back.state, RecoveryCodeState::kUsed);
  EXPECT_EQ(back.used_by, "job_1");
  EXPECT_EQ(back.used, at(4));
}

TEST_F(Rows, NewRecoveryCodesReplaceTheUnusedOnesOfOlderFactors) {
  const FactorId older = FactorId::make(at(0));
  const FactorId newer = FactorId::make(at(1));
  std::vector<RecoveryCodeRow> codes(4);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    codes[i].id = RecoveryCodeId::make(at(0));
    codes[i].account = account_.id;
    codes[i].factor = i < 2 ? older : newer;
    codes[i].position = static_cast<int>(i % 2) + 1;
    codes[i].created = at(0);
  }
  write([&](WriteTransaction& transaction) {
    insert_recovery_codes(transaction, codes);
    EXPECT_EQ(replace_recovery_codes(transaction, account_.id, newer), 2);
    EXPECT_EQ(count_unused_recovery_codes(transaction, account_.id), 2);
    EXPECT_EQ(list_recovery_codes(transaction, account_.id).front().id, codes[2].id);
  });
}

TEST_F(Rows, ATransitionWritesTheRowAndItsEvent) {
  const EnrollmentRow planned = an_enrollment();
  EXPECT_EQ(advance(planned, "authenticating"), 1);
  read([&](ReadTransaction& transaction) {
    const EnrollmentRow row = *find_enrollment(transaction, planned.id);
    EXPECT_EQ(row.state, "authenticating");
    EXPECT_EQ(row.seq, 1);
    EXPECT_EQ(row.playbook_text, planned.playbook_text);
    const auto events = list_enrollment_events(transaction, planned.id);
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[1].from_state, "planned");
    EXPECT_EQ(events[1].to_state, "authenticating");
  });
}

TEST_F(Rows, ATransitionFromAnythingButTheFenceChangesNothing) {
  const EnrollmentRow planned = an_enrollment();
  EnrollmentRow other_state = planned, other_seq = planned, other_lease = planned;
  other_state.state = "submitted";
  other_seq.seq = 1;
  other_lease.lease_generation = 2;
  EXPECT_EQ(advance(other_state, "x"), 0);
  EXPECT_EQ(advance(other_seq, "x"), 0);
  EXPECT_EQ(advance(other_lease, "x"), 0);
  EXPECT_EQ(advance(planned, "authenticating"), 1);
  EXPECT_EQ(advance(planned, "authenticating"), 0) << "the same transition twice";
  EXPECT_EQ(read([&](ReadTransaction& transaction) { return list_enrollment_events(transaction, planned.id).size(); }),
            2U);
}

TEST_F(Rows, AnAdoptedEnrollmentIsClosedToItsOldHolder) {
  const EnrollmentRow planned = an_enrollment();
  const auto adopt = [&](std::int64_t generation) {
    return write([&](WriteTransaction& transaction) {
      return adopt_enrollment(transaction, fence_of(planned), generation, JobId::make(at(1)), at(1));
    });
  };
  EXPECT_EQ(adopt(1), 0);
  EXPECT_EQ(adopt(2), 1);
  EXPECT_EQ(advance(planned, "authenticating"), 0);
}

TEST_F(Rows, UnsettledEnrollmentsAreThoseInNoSettledState) {
  const EnrollmentRow row = an_enrollment();
  constexpr std::array<std::string_view, 2> kSettled = {"active", "failed_safe"};
  const auto unsettled = [&](const AccountId& account) {
    return read([&](ReadTransaction& transaction) {
      return list_unsettled_enrollments(transaction, account, kSettled).size();
    });
  };
  EXPECT_EQ(unsettled(account_.id), 1U);
  EXPECT_EQ(unsettled({}), 1U);
  EXPECT_EQ(unsettled(AccountId::make(at(3))), 0U);
  advance(row, "active");
  EXPECT_EQ(unsettled({}), 0U);
}

TEST_F(Rows, AClaimedJobIsNotClaimedAgainWhileItsLeaseHolds) {
  const JobRow job = a_job(0, account_.id);
  const auto claimed = claim(job.id, 10);
  ASSERT_TRUE(claimed);
  EXPECT_EQ(claimed->lease_generation, 1);
  EXPECT_EQ(claimed->state, JobState::kRunning);
  EXPECT_FALSE(claim(job.id, 50));
  const auto again = claim(job.id, 200);
  ASSERT_TRUE(again) << "its lease ran out";
  EXPECT_EQ(again->lease_generation, 2);
  EXPECT_EQ(again->started, at(10));
}

TEST_F(Rows, OneJobOfAnAccountRunsAtATime) {
  const JobRow first = a_job(0, account_.id);
  const JobRow second = a_job(1, account_.id);
  const JobRow elsewhere = a_job(2, insert_an_account(*store_, "other").id);
  ASSERT_TRUE(claim(first.id, 10));
  EXPECT_FALSE(claim(second.id, 20));
  const auto next =
      write([&](WriteTransaction& transaction) { return claim_next_job(transaction, worker_, at(20), at(120)); });
  ASSERT_TRUE(next);
  EXPECT_EQ(next->id, elsewhere.id);
}

TEST_F(Rows, AStaleWorkerChangesNothing) {
  const JobRow job = a_job(0, account_.id);
  const JobFence stale = fence_of(*claim(job.id, 0));
  const JobFence holder = fence_of(*claim(job.id, 500));
  const JobEnd end{JobState::kDone, "ok", "", at(600)};
  write([&](WriteTransaction& transaction) {
    EXPECT_FALSE(extend_lease(transaction, stale, at(9000)));
    EXPECT_FALSE(mark_past_return(transaction, stale));
    EXPECT_FALSE(set_report_directory(transaction, stale, "x"));
    EXPECT_FALSE(finish_job(transaction, stale, end));
    EXPECT_TRUE(mark_past_return(transaction, holder));
    EXPECT_TRUE(finish_job(transaction, holder, end));
    EXPECT_FALSE(finish_job(transaction, holder, end)) << "it has ended";
  });
  const JobRow back = *read([&](ReadTransaction& transaction) { return find_job(transaction, job.id); });
  EXPECT_TRUE(back.past_return);
  EXPECT_EQ(back.outcome, "ok");
}

TEST_F(Rows, JobsOfADeadWorkerAreFound) {
  const JobRow job = a_job(0, account_.id);
  claim(job.id, 0);
  read([&](ReadTransaction& transaction) {
    EXPECT_TRUE(list_expired_jobs(transaction, at(100)).empty());
    EXPECT_EQ(list_expired_jobs(transaction, at(101)).size(), 1U);
  });
}

TEST_F(Rows, AWindowIsTakenOnce) {
  WindowRow window{account_.id, at(0).time_since_epoch().count(), 30, WindowUse::kReserved, "job_1", at(0)};
  write([&](WriteTransaction& transaction) {
    EXPECT_TRUE(insert_window(transaction, window));
    window.by = "job_2";
    EXPECT_FALSE(insert_window(transaction, window));
    EXPECT_EQ(find_window(transaction, account_.id, window.window_start_ms)->by, "job_1");
    EXPECT_FALSE(release_window(transaction, account_.id, window.window_start_ms, "job_2"));
    window.use = WindowUse::kSpent;
    EXPECT_TRUE(raise_window(transaction, WindowUse::kReserved, window));
    EXPECT_FALSE(raise_window(transaction, WindowUse::kReserved, window));
    EXPECT_FALSE(release_window(transaction, account_.id, window.window_start_ms, "job_2")) << "spent is for ever";
    EXPECT_EQ(highest_spent_window(transaction, account_.id), window.window_start_ms);
  });
}

TEST_F(Rows, PruningWindowsKeepsTheLatestSpentOne) {
  write([&](WriteTransaction& transaction) {
    EXPECT_EQ(highest_spent_window(transaction, account_.id), std::nullopt);
    insert_window(transaction, {account_.id, 1000, 30, WindowUse::kSpent, "a", at(0)});
    insert_window(transaction, {account_.id, 2000, 30, WindowUse::kSpent, "b", at(0)});
    insert_window(transaction, {account_.id, 3000, 30, WindowUse::kShown, "c", at(0)});
    EXPECT_EQ(prune_windows(transaction, 100000), 2);
    EXPECT_EQ(highest_spent_window(transaction, account_.id), 2000);
    EXPECT_EQ(list_windows(transaction, account_.id, 0).size(), 1U);
  });
}

TEST_F(Rows, AttemptsAreCountedByKindAndSince) {
  write([&](WriteTransaction& transaction) {
    insert_attempt(transaction, {account_.id, AttemptKind::kCode, "job", at(0)});
    insert_attempt(transaction, {account_.id, AttemptKind::kCode, "job", at(10)});
    insert_attempt(transaction, {account_.id, AttemptKind::kPassword, "job", at(10)});
    EXPECT_EQ(count_attempts(transaction, account_.id, AttemptKind::kCode, at(0)), 2);
    EXPECT_EQ(count_attempts(transaction, account_.id, AttemptKind::kCode, at(10)), 1);
    clear_attempts(transaction, account_.id, AttemptKind::kCode);
    EXPECT_EQ(count_attempts(transaction, account_.id, AttemptKind::kCode, at(0)), 0);
    EXPECT_EQ(count_attempts(transaction, account_.id, AttemptKind::kPassword, at(0)), 1);
  });
}

TEST_F(Rows, OnlyTheNewestSessionsAreKept) {
  write([&](WriteTransaction& transaction) {
    for (std::int64_t i = 0; i < 4; ++i)
      insert_session(transaction, {SessionId::make(at(i)), account_.id, "sealed", at(i)});
    EXPECT_EQ(delete_sessions(transaction, account_.id, 1), 3);
    EXPECT_EQ(latest_session(transaction, account_.id)->created, at(3));
  });
}

TEST_F(Rows, SealedTextsOfAllTablesAreListedInPartsAndReplacedOnlyIfUnchanged) {
  account_.sealed_password = "p";
  write([&](WriteTransaction& transaction) {
    update_account(transaction, account_);
    insert_session(transaction, {SessionId::make(at(0)), account_.id, "s", at(0)});
    RecoveryCodeRow code;
    code.id = RecoveryCodeId::make(at(0));
    code.account = account_.id;
    code.sealed_code = "r";
    insert_recovery_codes(transaction, {code});
  });
  for (int i = 0; i < 3; ++i) a_factor(FactorState::kSuperseded, i);
  insert_an_account(*store_, "without-password");

  std::string seen;
  std::optional<SealedCell> after;
  for (;;) {
    const auto part = read([&](ReadTransaction& transaction) { return list_sealed(transaction, after, 2); });
    if (part.empty()) break;
    EXPECT_LE(part.size(), 2U);
    for (const SealedCell& cell : part) seen += cell.sealed + " ";
    after = part.back();
  }
  EXPECT_EQ(seen, "p sealed sealed sealed r s ");

  const SealedCell password{SealedColumn::kAccountPassword, account_.id.str(), "p"};
  write([&](WriteTransaction& transaction) {
    EXPECT_TRUE(replace_sealed(transaction, password, "q"));
    EXPECT_FALSE(replace_sealed(transaction, password, "z"));
    EXPECT_EQ(find_account(transaction, account_.id)->sealed_password, "q");
  });
}

TEST_F(Rows, EverySealedColumnOfTheSchemaIsInTheListForRotation) {
  // A new sealed_* column that list_sealed() forgets would be lost with its key.
  const auto columns = read([](ReadTransaction& transaction) {
    return Query(transaction,
                 "SELECT count(*) FROM sqlite_schema AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table' AND "
                 "c.name LIKE 'sealed_%' AND t.name NOT LIKE 'vault_%'")
        .count();
  });
  EXPECT_EQ(columns, 6);
}

}  // namespace
}  // namespace totpilot::store

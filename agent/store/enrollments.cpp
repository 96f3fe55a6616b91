#include "agent/store/enrollments.h"

#include <fmt/format.h>

#include "agent/store/query.h"

namespace totpilot::store {
namespace {

constexpr std::string_view kSelectEnrollments =
    "SELECT id, account, job, state, seq, lease_generation, playbook_hash, playbook_text, candidate, codes_mark, "
    "armed_window, "
    "submits, evidence, created, updated FROM enrollments ";

EnrollmentRow read_enrollment(Row& row) {
  EnrollmentRow enrollment;
  enrollment.id = row.id<EnrollmentId>();
  enrollment.account = row.id<AccountId>();
  enrollment.job = row.id<JobId>();
  enrollment.state = row.text();
  enrollment.seq = row.integer();
  enrollment.lease_generation = row.integer();
  enrollment.playbook_hash = row.text();
  enrollment.playbook_text = row.text();
  enrollment.candidate = row.id<FactorId>();
  enrollment.codes_mark = row.text();
  enrollment.armed_window = row.integer();
  enrollment.submits = row.number();
  enrollment.evidence = row.text();
  enrollment.created = row.time();
  enrollment.updated = row.time();
  return enrollment;
}

EnrollmentEventRow read_event(Row& row) {
  EnrollmentEventRow event;
  event.enrollment = row.id<EnrollmentId>();
  event.seq = row.integer();
  event.from_state = row.text();
  event.to_state = row.text();
  event.detail = row.text();
  event.at = row.time();
  return event;
}

void insert_event(WriteTransaction& transaction, const EnrollmentEventRow& event) {
  Query insert(transaction,
               "INSERT INTO enrollment_events (enrollment, seq, from_state, to_state, detail, at) "
               "VALUES (:a, :b, :c, :d, :e, :f)");
  insert.with(event.enrollment).with(event.seq).with(event.from_state).with(event.to_state).with(event.detail);
  insert.with(event.at).run();
}

}  // namespace

EnrollmentFence fence_of(const EnrollmentRow& row) { return {row.id, row.state, row.seq, row.lease_generation}; }

void insert_enrollment(WriteTransaction& transaction, const EnrollmentRow& enrollment, std::string_view detail) {
  Query insert(transaction,
               "INSERT INTO enrollments (id, account, job, state, seq, lease_generation, playbook_hash, playbook_text, "
               "candidate, codes_mark, armed_window, submits, evidence, created, updated) "
               "VALUES (:a, :b, :c, :d, :e, :f, :g, :h, :i, :j, :k, :l, :m, :n, :o)");
  insert.with(enrollment.id).with(enrollment.account).with(enrollment.job).with(enrollment.state).with(enrollment.seq);
  insert.with(enrollment.lease_generation).with(enrollment.playbook_hash).with(enrollment.playbook_text);
  insert.with(enrollment.candidate).with(enrollment.codes_mark).with(enrollment.armed_window).with(enrollment.submits);
  insert.with(enrollment.evidence).with(enrollment.created).with(enrollment.updated).run();
  insert_event(transaction,
               {enrollment.id, enrollment.seq, "", enrollment.state, std::string(detail), enrollment.created});
}

int advance_enrollment(WriteTransaction& transaction, const EnrollmentFence& fence, const EnrollmentRow& next,
                       std::string_view detail) {
  Query update(transaction,
               "UPDATE enrollments SET state = :a, seq = seq + 1, candidate = :b, codes_mark = :c, armed_window = :d, "
               "submits = :e, evidence = :f, job = :g, updated = :h "
               "WHERE id = :i AND state = :j AND seq = :k AND lease_generation = :l");
  update.with(next.state).with(next.candidate).with(next.codes_mark).with(next.armed_window).with(next.submits);
  update.with(next.evidence).with(next.job).with(next.updated);
  update.with(fence.id).with(fence.state).with(fence.seq).with(fence.lease_generation);
  const auto changed = static_cast<int>(update.run());
  if (changed == 1)
    insert_event(transaction, {fence.id, fence.seq + 1, fence.state, next.state, std::string(detail), next.updated});
  return changed;
}

int adopt_enrollment(WriteTransaction& transaction, const EnrollmentFence& fence, std::int64_t new_generation,
                     const JobId& job, TimePoint at) {
  if (new_generation <= fence.lease_generation) return 0;
  Query update(transaction,
               "UPDATE enrollments SET lease_generation = :a, job = :b, seq = seq + 1, updated = :c "
               "WHERE id = :d AND state = :e AND seq = :f AND lease_generation = :g");
  update.with(new_generation).with(job).with(at);
  update.with(fence.id).with(fence.state).with(fence.seq).with(fence.lease_generation);
  const auto changed = static_cast<int>(update.run());
  if (changed == 1)
    insert_event(transaction,
                 {fence.id, fence.seq + 1, fence.state, fence.state,
                  fmt::format(R"({{"adopted_by":"{}","lease_generation":{}}})", job.str(), new_generation), at});
  return changed;
}

std::optional<EnrollmentRow> find_enrollment(ReadTransaction& transaction, const EnrollmentId& id) {
  return Query(transaction, std::string(kSelectEnrollments) + "WHERE id = :a").with(id).first(read_enrollment);
}

std::optional<EnrollmentRow> latest_enrollment(ReadTransaction& transaction, const AccountId& account) {
  return Query(transaction,
               std::string(kSelectEnrollments) + "WHERE account = :a ORDER BY created DESC, id DESC LIMIT 1")
      .with(account)
      .first(read_enrollment);
}

std::vector<EnrollmentRow> list_unsettled_enrollments(ReadTransaction& transaction, const AccountId& account,
                                                      std::span<const std::string_view> settled) {
  std::string sql = std::string(kSelectEnrollments) + "WHERE (account = :a OR :b = '')";
  for (std::size_t i = 0; i < settled.size(); ++i) sql += fmt::format(" AND state <> :s{}", i);
  Query query(transaction, sql + " ORDER BY created, id");
  query.with(account).with(account);
  for (const std::string_view state : settled) query.with(state);
  return query.all(read_enrollment);
}

std::vector<EnrollmentEventRow> list_enrollment_events(ReadTransaction& transaction, const EnrollmentId& id) {
  Query query(transaction,
              "SELECT enrollment, seq, from_state, to_state, detail, at FROM enrollment_events WHERE enrollment = :a "
              "ORDER BY seq");
  return query.with(id).all(read_event);
}

}  // namespace totpilot::store

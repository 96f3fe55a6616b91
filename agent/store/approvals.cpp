#include "agent/store/access.h"
#include "agent/store/query.h"

namespace totpilot::store {
namespace {

constexpr std::string_view kSelectApprovals =
    "SELECT id, act, account, object, asked_by, asked, expires, granted_by, granted, used FROM approvals ";

ApprovalRow read_approval(Row& row) {
  ApprovalRow approval;
  approval.id = row.id<ApprovalId>();
  approval.act = row.text();
  approval.account = row.text();
  approval.object = row.text();
  approval.asked_by = row.text();
  approval.asked = row.time();
  approval.expires = row.time();
  approval.granted_by = row.text();
  approval.granted = row.maybe_time();
  approval.used = row.maybe_time();
  return approval;
}

}  // namespace

void insert_approval(WriteTransaction& transaction, const ApprovalRow& approval) {
  Query insert(transaction,
               "INSERT INTO approvals (id, act, account, object, asked_by, asked, expires, granted_by) VALUES (:a, :b, "
               ":c, :d, :e, :f, :g, '')");
  insert.with(approval.id).with(approval.act).with(approval.account).with(approval.object).with(approval.asked_by);
  insert.with(approval.asked).with(approval.expires).run();
}

std::optional<ApprovalRow> find_approval(ReadTransaction& transaction, const ApprovalId& id) {
  return Query(transaction, std::string(kSelectApprovals) + "WHERE id = :a").with(id).first(read_approval);
}

std::optional<ApprovalRow> find_open_approval(ReadTransaction& transaction, const ApprovalRow& wanted, TimePoint now) {
  return Query(transaction, std::string(kSelectApprovals) +
                                "WHERE act = :a AND account = :b AND object = :c AND asked_by = :d AND used IS NULL "
                                "AND expires > :e ORDER BY asked DESC, id DESC LIMIT 1")
      .with(wanted.act)
      .with(wanted.account)
      .with(wanted.object)
      .with(wanted.asked_by)
      .with(now)
      .first(read_approval);
}

std::vector<ApprovalRow> list_open_approvals(ReadTransaction& transaction, TimePoint now) {
  return Query(transaction, std::string(kSelectApprovals) + "WHERE used IS NULL AND expires > :a ORDER BY asked, id")
      .with(now)
      .all(read_approval);
}

bool grant_approval(WriteTransaction& transaction, const ApprovalId& id, std::string_view by, TimePoint at) {
  Query grant(transaction,
              "UPDATE approvals SET granted_by = :a, granted = :b WHERE id = :c AND granted IS NULL AND expires > :d");
  return grant.with(by).with(at).with(id).with(at).run() > 0;
}

bool use_approval(WriteTransaction& transaction, const ApprovalId& id, TimePoint at) {
  Query use(transaction,
            "UPDATE approvals SET used = :a WHERE id = :b AND granted IS NOT NULL AND used IS NULL AND expires > :c");
  return use.with(at).with(id).with(at).run() > 0;
}

}  // namespace totpilot::store

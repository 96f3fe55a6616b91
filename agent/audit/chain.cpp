#include "agent/audit/chain.h"

#include <algorithm>
#include <array>

#include "agent/base/id.h"
#include "agent/store/settings.h"

namespace totpilot::audit {
namespace {

constexpr std::string_view kWriterSetting = "audit.writer";

/// What of the chain the database lacks; empty: nothing.
std::string_view lacking(store::Store& store, const std::string& writer, const std::vector<Checkpoint>& known) {
  const auto last = std::ranges::find(known.rbegin(), known.rend(), writer, &Checkpoint::writer);
  if (last == known.rend()) return "";
  return store.read([&](store::ReadTransaction& transaction) -> std::string_view {
    const auto row = store::find_audit_record(transaction, writer, last->sequence);
    if (!row) return "records that were written are not in the database";
    return row->hash == last->hash ? "" : "a record is not the one that was written";
  });
}

}  // namespace

Chain::Chain(store::Store& store, const Clock& clock, ChainSettings settings)
    : store_(store),
      clock_(clock),
      key_(std::move(settings.key)),
      checkpoints_(store.state_directory() / kCheckpointFile, key_),
      stream_(std::move(settings.stream)) {
  begin();
}

void Chain::begin() {
  const auto known =
      store_.read([](store::ReadTransaction& transaction) { return store::find_setting(transaction, kWriterSetting); });
  std::string_view why = "first";
  if (known) {
    why = lacking(store_, *known, read_checkpoints(store_.state_directory() / kCheckpointFile, key_).good);
    writer_ = *known;
    if (why.empty()) return;
  }
  writer_ = make_uuid7(clock_.now());
  store_.write([&](store::WriteTransaction& transaction) { store::set_setting(transaction, kWriterSetting, writer_); });
  if (!known) return;
  const std::array began = {Entry{.who = "totpilot",
                                  .act = "audit.chain_began",
                                  .account = {},
                                  .object = *known,
                                  .outcome = "ok",
                                  .detail = {{"because", why}}}};
  append(began);
}

std::vector<store::AuditRow> Chain::insert(store::WriteTransaction& transaction, std::span<const Entry> entries) const {
  // Read each time: after a doubtful commit only the database knows where the chain ends.
  const auto last = store::last_audit_record(transaction, writer_);
  std::int64_t sequence = last ? last->sequence : 0;
  std::string previous = last ? last->hash : "";
  std::vector<store::AuditRow> rows;
  rows.reserve(entries.size());
  for (const Entry& entry : entries) {
    store::AuditRow row;
    row.writer = writer_;
    row.sequence = ++sequence;
    row.at = clock_.now();
    row.who = entry.who;
    row.act = entry.act;
    row.account = entry.account;
    row.object = entry.object;
    row.outcome = entry.outcome;
    row.detail = entry.detail.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    row.previous = previous;
    row.hash = previous = hash_of(key_, row);
    store::insert_audit_record(transaction, row);
    rows.push_back(std::move(row));
  }
  return rows;
}

void Chain::append(std::span<const Entry> entries) {
  if (entries.empty()) return;
  const std::lock_guard lock(mutex_);
  const auto rows = store_.write([&](store::WriteTransaction& transaction) { return insert(transaction, entries); });
  const store::AuditRow& last = rows.back();
  checkpoints_.append({last.writer, last.sequence, last.hash, last.at});
  std::vector<std::string> lines;
  lines.reserve(rows.size());
  for (const store::AuditRow& row : rows) lines.push_back(line_of(row));
  stream_.write(lines);
}

}  // namespace totpilot::audit

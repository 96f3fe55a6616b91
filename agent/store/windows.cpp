#include "agent/store/windows.h"

#include "agent/store/query.h"
#include "agent/store/row_names.h"

namespace totpilot::store {
namespace {

constexpr std::string_view kSelectWindows = "SELECT account, window_start_ms, period, use, by, at FROM windows ";

WindowRow read_window(Row& row) {
  WindowRow window;
  window.account = row.id<AccountId>();
  window.window_start_ms = row.integer();
  window.period = row.number();
  window.use = value_in(kWindowUses, row.text());
  window.by = row.text();
  window.at = row.time();
  return window;
}

}  // namespace

bool insert_window(WriteTransaction& transaction, const WindowRow& window) {
  Query insert(transaction,
               "INSERT INTO windows (account, window_start_ms, period, use, by, at) VALUES (:a, :b, :c, :d, :e, :f) "
               "ON CONFLICT (account, window_start_ms) DO NOTHING");
  insert.with(window.account).with(window.window_start_ms).with(window.period).with(name_in(kWindowUses, window.use));
  return insert.with(window.by).with(window.at).run() == 1;
}

bool raise_window(WriteTransaction& transaction, WindowUse from, const WindowRow& window) {
  if (window.use <= from) return false;
  Query update(
      transaction,
      "UPDATE windows SET use = :a, by = :b, at = :c WHERE account = :d AND window_start_ms = :e AND use = :f");
  update.with(name_in(kWindowUses, window.use)).with(window.by).with(window.at).with(window.account);
  return update.with(window.window_start_ms).with(name_in(kWindowUses, from)).run() == 1;
}

bool release_window(WriteTransaction& transaction, const AccountId& account, std::int64_t window_start_ms,
                    std::string_view by) {
  Query remove(transaction,
               "DELETE FROM windows WHERE account = :a AND window_start_ms = :b AND use = 'reserved' AND by = :c");
  return remove.with(account).with(window_start_ms).with(by).run() == 1;
}

int prune_windows(WriteTransaction& transaction, std::int64_t before_ms) {
  Query remove(
      transaction,
      "DELETE FROM windows WHERE window_start_ms < :a AND (use <> 'spent' OR EXISTS (SELECT 1 FROM windows AS later "
      "WHERE later.account = windows.account AND later.use = 'spent' AND later.window_start_ms > "
      "windows.window_start_ms))");
  return static_cast<int>(remove.with(before_ms).run());
}

std::optional<WindowRow> find_window(ReadTransaction& transaction, const AccountId& account,
                                     std::int64_t window_start_ms) {
  return Query(transaction, std::string(kSelectWindows) + "WHERE account = :a AND window_start_ms = :b")
      .with(account)
      .with(window_start_ms)
      .first(read_window);
}

std::optional<std::int64_t> highest_spent_window(ReadTransaction& transaction, const AccountId& account,
                                                 std::int64_t until_ms) {
  return Query(transaction,
               "SELECT window_start_ms FROM windows WHERE account = :a AND use = 'spent' AND window_start_ms <= :b "
               "ORDER BY window_start_ms DESC LIMIT 1")
      .with(account)
      .with(until_ms)
      .first([](Row& row) { return row.integer(); });
}

std::vector<WindowRow> list_windows(ReadTransaction& transaction, const AccountId& account, std::int64_t from_ms) {
  return Query(transaction,
               std::string(kSelectWindows) + "WHERE account = :a AND window_start_ms >= :b ORDER BY window_start_ms")
      .with(account)
      .with(from_ms)
      .all(read_window);
}

}  // namespace totpilot::store

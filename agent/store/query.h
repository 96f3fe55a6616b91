#pragma once
// Query: one statement with its values bound in the order of its parameters, and its rows read column by column.
// Private to the room.
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/clock.h"
#include "agent/base/id.h"
#include "agent/store/connection.h"
#include "agent/store/transaction.h"

namespace totpilot::store {

/// One row of a result; each call reads the next column. NULL reads as empty text, zero, or nothing.
class Row {
 public:
  Row(const std::vector<std::string>& values, const std::vector<soci::indicator>& states)
      : values_(values), states_(states) {}

  std::string text() { return is_null() ? skip() : values_[next_++]; }
  std::int64_t integer();
  int number() { return static_cast<int>(integer()); }
  bool flag() { return integer() != 0; }
  TimePoint time() { return from_millis(integer()); }
  std::optional<TimePoint> maybe_time() { return is_null() ? (skip(), std::nullopt) : std::optional(time()); }
  std::vector<std::string> texts();  // a JSON list
  template <class IdType>
  IdType id() {
    return IdType::from(text());
  }

 private:
  bool is_null() const { return states_[next_] == soci::i_null; }
  std::string skip() { return ++next_, std::string(); }

  const std::vector<std::string>& values_;
  const std::vector<soci::indicator>& states_;
  std::size_t next_ = 0;
};

class Query {
 public:
  Query(ReadTransaction& transaction, std::string_view sql) : connection_(transaction.connection()), sql_(sql) {}

  Query& with(std::string_view text);
  Query& with(std::int64_t value);
  Query& with(int value) { return with(std::int64_t{value}); }
  Query& with(bool value) { return with(std::int64_t{value ? 1 : 0}); }
  Query& with(TimePoint time) { return with(to_millis(time)); }
  Query& with(const std::optional<TimePoint>& time);
  Query& with(const std::vector<std::string>& texts);  // as a JSON list
  Query& with(const char* text) { return with(std::string_view(text)); }
  template <class Tag>
  Query& with(const Id<Tag>& id) {
    return with(std::string_view(id.str()));
  }

  /// Returns the rows changed.
  std::int64_t run();
  void each(const std::function<void(Row&)>& take);
  template <class Read>
  auto all(Read read) -> std::vector<std::invoke_result_t<Read, Row&>> {
    std::vector<std::invoke_result_t<Read, Row&>> rows;
    each([&](Row& row) { rows.push_back(read(row)); });
    return rows;
  }
  template <class Read>
  auto first(Read read) -> std::optional<std::invoke_result_t<Read, Row&>> {
    std::optional<std::invoke_result_t<Read, Row&>> found;
    each([&](Row& row) {
      if (!found) found = read(row);
    });
    return found;
  }
  std::int64_t count();

 private:
  // SOCI binds by reference: the values stay where they are until the statement has run.
  struct Value {
    std::string text;
    long long number = 0;
    soci::indicator state = soci::i_ok;
    bool is_text = false;
  };
  void bind(soci::statement& statement);

  Connection& connection_;
  std::string sql_;
  std::deque<Value> values_;
};

}  // namespace totpilot::store

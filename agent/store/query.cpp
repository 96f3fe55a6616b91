#include "agent/store/query.h"

#include <charconv>
#include <nlohmann/json.hpp>

namespace totpilot::store {

std::int64_t Row::integer() {
  if (is_null()) {
    ++next_;
    return 0;
  }
  const std::string& text = values_[next_++];
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    throw Failure(Outcome::kStorageFailed, "the database holds text where a number belongs");
  return value;
}

std::vector<std::string> Row::texts() {
  const nlohmann::json list = nlohmann::json::parse(text(), nullptr, false);
  std::vector<std::string> out;
  if (!list.is_array()) throw Failure(Outcome::kStorageFailed, "the database holds no list where a list belongs");
  for (const auto& item : list) {
    if (!item.is_string()) throw Failure(Outcome::kStorageFailed, "the database holds no text where a text belongs");
    out.push_back(item.get<std::string>());
  }
  return out;
}

Query& Query::with(std::string_view text) {
  values_.push_back({std::string(text), 0, soci::i_ok, true});
  return *this;
}

Query& Query::with(std::int64_t value) {
  values_.push_back({{}, value, soci::i_ok, false});
  return *this;
}

Query& Query::with(const std::optional<TimePoint>& time) {
  values_.push_back({{}, time ? to_millis(*time) : 0, time ? soci::i_ok : soci::i_null, false});
  return *this;
}

Query& Query::with(const std::vector<std::string>& texts) {
  return with(nlohmann::json(texts).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

void Query::bind(soci::statement& statement) {
  for (Value& value : values_) {
    if (value.is_text) {
      statement.exchange(soci::use(value.text, value.state));
    } else {
      statement.exchange(soci::use(value.number, value.state));
    }
  }
}

std::int64_t Query::run() {
  try {
    soci::statement statement(connection_.session());
    statement.alloc();
    bind(statement);
    statement.prepare(sql_);
    statement.define_and_bind();
    statement.execute(true);
    return connection_.changes();
  } catch (const soci::soci_error&) {
    throw connection_.failure();
  }
}

void Query::each(const std::function<void(Row&)>& take) {
  // The rows are read whole before `take` sees the first, so that `take` may query on.
  std::vector<std::pair<std::vector<std::string>, std::vector<soci::indicator>>> rows;
  try {
    soci::statement statement(connection_.session());
    statement.alloc();
    bind(statement);
    statement.prepare(sql_);
    auto* backend = static_cast<soci::sqlite3_statement_backend*>(statement.get_backend());
    const auto columns = static_cast<std::size_t>(sqlite_api::sqlite3_column_count(backend->stmt_));
    std::vector<std::string> values(columns);
    std::vector<soci::indicator> states(columns, soci::i_null);
    for (std::size_t i = 0; i < columns; ++i) statement.exchange(soci::into(values[i], states[i]));
    statement.define_and_bind();
    statement.execute();
    while (statement.fetch()) rows.emplace_back(values, states);
  } catch (const soci::soci_error&) {
    throw connection_.failure();
  }
  for (const auto& [values, states] : rows) {
    Row row(values, states);
    take(row);
  }
}

std::int64_t Query::count() {
  return first([](Row& row) { return row.integer(); }).value_or(0);
}

}  // namespace totpilot::store

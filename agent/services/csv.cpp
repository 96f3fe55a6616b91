#include "agent/services/csv.h"

#include <fmt/format.h>

#include <algorithm>

namespace totpilot::services {
namespace {

class CsvReader {
 public:
  explicit CsvReader(std::string_view file) : rest_(file) {
    if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);
  }

  std::expected<std::vector<CsvRecord>, std::string> read() {
    std::vector<CsvRecord> records;
    while (!rest_.empty()) {
      CsvRecord record{.line = line_, .cells = {}};
      if (!read_record(record)) return std::unexpected(fmt::format("line {}: a quote goes wrong", record.line));
      if (record.cells.size() > 1 || !record.cells.front().empty()) records.push_back(std::move(record));
    }
    return records;
  }

 private:
  bool read_record(CsvRecord& record) {
    for (;;) {
      if (!read_cell(record)) return false;
      if (take(',')) continue;
      take('\r');
      if (take('\n')) ++line_;
      return true;
    }
  }

  bool read_cell(CsvRecord& record) {
    if (!take('"')) {
      const std::string_view raw = rest_.substr(0, rest_.find_first_of(",\r\n"));
      if (raw.find('"') != std::string_view::npos) return false;
      record.cells.push_back({raw, false});
      rest_.remove_prefix(raw.size());
      return true;
    }
    std::size_t end = rest_.find('"');
    while (end != std::string_view::npos && rest_.substr(end + 1).starts_with('"')) end = rest_.find('"', end + 2);
    if (end == std::string_view::npos) return false;
    record.cells.push_back({rest_.substr(0, end), true});
    line_ += static_cast<int>(std::ranges::count(rest_.substr(0, end), '\n'));
    rest_.remove_prefix(end + 1);
    return rest_.empty() || std::string_view(",\r\n").contains(rest_.front());
  }

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view rest_;
  int line_ = 1;
};

/// Puts the cell's bytes where `out` points, a doubled quote as one.
template <class Byte>
void copy_cell(const CsvCell& cell, Byte* out) {
  for (std::size_t at = 0; at < cell.raw.size(); ++at) {
    *out++ = static_cast<Byte>(cell.raw[at]);
    if (cell.quoted && cell.raw[at] == '"') ++at;
  }
}

std::size_t size_of(const CsvCell& cell) {
  return cell.raw.size() - (cell.quoted ? static_cast<std::size_t>(std::ranges::count(cell.raw, '"')) / 2 : 0);
}

}  // namespace

std::string CsvCell::text() const {
  std::string out(size_of(*this), '\0');
  copy_cell(*this, out.data());
  const std::size_t first = out.find_first_not_of(" \t");
  if (first == std::string::npos) return {};
  return out.substr(first, out.find_last_not_of(" \t") + 1 - first);
}

Secret CsvCell::secret() const {
  Secret out = Secret::zeros(size_of(*this));
  copy_cell(*this, out.writable().data());
  return out;
}

std::expected<std::vector<CsvRecord>, std::string> read_csv(std::string_view file) { return CsvReader(file).read(); }

std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) {
    if (!line.empty() || &cell != &cells.front()) line += ',';
    // What begins like this is a formula to a spreadsheet (OWASP, "CSV injection").
    const bool formula = !cell.empty() && std::string_view("=+-@\t\r\n|%").contains(cell.front());
    const bool quotes = formula || cell.find_first_of(",\"\r\n") != std::string::npos;
    if (!quotes) {
      line += cell;
      continue;
    }
    line += '"';
    if (formula) line += '\'';
    for (const char c : cell) line.append(c == '"' ? 2 : 1, c);
    line += '"';
  }
  return line + "\r\n";
}

}  // namespace totpilot::services

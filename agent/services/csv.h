#pragma once
// CSV (RFC 4180): read in place, so that a cell with a secret is copied only where it is wanted; written so that no
// spreadsheet takes a cell for a formula. Pure.
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/secret.h"

namespace totpilot::services {

/// A cell where it stands in the file, which outlives it.
struct CsvCell {
  std::string_view raw;  // without the quotes around it; quotes inside are doubled if `quoted`
  bool quoted = false;

  std::string text() const;  // without spaces around it
  Secret secret() const;     // as it is
  bool empty() const { return raw.empty(); }
};

struct CsvRecord {
  int line = 0;  // where it begins, from 1
  std::vector<CsvCell> cells;
};

/// All records but empty lines; the error says in which line a quote goes wrong.
std::expected<std::vector<CsvRecord>, std::string> read_csv(std::string_view file);

/// One line with its end.
std::string csv_line(const std::vector<std::string>& cells);

}  // namespace totpilot::services

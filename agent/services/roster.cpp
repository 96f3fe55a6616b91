#include "agent/services/roster.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "agent/base/counted.h"
#include "agent/base/failure.h"
#include "agent/services/account_rules.h"
#include "agent/services/csv.h"

namespace totpilot::services {
namespace {

constexpr std::size_t kMostLines = 10'000;

enum class Column { kName, kUsername, kUrl, kPassword, kApp, kOrigins, kTags, kOwner, kShares, kNotes, kTotp, kType };

struct Spelling {
  std::string_view heading;  // in lower case
  Column column;
  bool foreign = false;  // of another tool's export
};

/// Ours; those of Bitwarden, 1Password and Chrome.
constexpr std::array kSpellings = {
    Spelling{"name", Column::kName},
    Spelling{"title", Column::kName, true},
    Spelling{"username", Column::kUsername},
    Spelling{"login_username", Column::kUsername, true},
    Spelling{"url", Column::kUrl},
    Spelling{"login_uri", Column::kUrl, true},
    Spelling{"website", Column::kUrl, true},
    Spelling{"password", Column::kPassword},
    Spelling{"login_password", Column::kPassword, true},
    Spelling{"app", Column::kApp},
    Spelling{"origins", Column::kOrigins},
    Spelling{"tags", Column::kTags},
    Spelling{"owner", Column::kOwner},
    Spelling{"shares", Column::kShares},
    Spelling{"notes", Column::kNotes},
    Spelling{"note", Column::kNotes, true},
    Spelling{"otpauth", Column::kTotp, true},
    Spelling{"login_totp", Column::kTotp, true},
    Spelling{"type", Column::kType, true},
};

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// What the first line says of the others.
struct Heading {
  std::map<Column, std::size_t> columns;
  std::vector<std::string> ignored;
  std::size_t width = 0;
  bool foreign = false;
};

Heading heading_of(const CsvRecord& record) {
  Heading heading;
  heading.width = record.cells.size();
  for (std::size_t i = 0; i < record.cells.size(); ++i) {
    const std::string word = lower(record.cells[i].text());
    const auto* known = std::ranges::find(kSpellings, word, &Spelling::heading);
    if (known == kSpellings.end()) {
      heading.ignored.push_back(word);
      continue;
    }
    heading.foreign = heading.foreign || known->foreign;
    if (!heading.columns.emplace(known->column, i).second)
      throw Failure(Outcome::kInvalidInput, fmt::format("line 1: two columns say the same ({})", word));
  }
  const std::array needed = {std::pair{Column::kName, "name"}, std::pair{Column::kUsername, "username"},
                             std::pair{Column::kUrl, "url"}};
  for (const auto& [column, word] : needed)
    if (!heading.columns.contains(column))
      throw Failure(Outcome::kInvalidInput, fmt::format("line 1: there is no column {}", word),
                    "name,username,url,password,app,origins,tags,owner,shares,notes; the first three are needed");
  return heading;
}

/// One line's cells by their columns.
class Line {
 public:
  Line(const Heading& heading, const CsvRecord& record) : heading_(heading), record_(record) {}
  std::string text(Column column) const { return cell(column).text(); }
  const CsvCell& cell(Column column) const {
    static const CsvCell kNone;
    const auto at = heading_.columns.find(column);
    return at == heading_.columns.end() || at->second >= record_.cells.size() ? kNone : record_.cells[at->second];
  }
  std::vector<std::string> words(Column column, std::string_view between) const {
    std::vector<std::string> out;
    const std::string all = text(column);
    for (std::size_t at = all.find_first_not_of(between); at != std::string::npos;) {
      const std::size_t end = std::min(all.find_first_of(between, at), all.size());
      std::string word = all.substr(at, end - at);
      word.erase(word.find_last_not_of(' ') + 1);
      if (!word.empty()) out.push_back(std::move(word));
      at = all.find_first_not_of(between, end);
    }
    return out;
  }

 private:
  const Heading& heading_;
  const CsvRecord& record_;
};

/// A title made a name: "Redmine (work)" is redmine-work.
std::string name_of_title(const std::string& title) {
  std::string name;
  for (const char c : lower(title)) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("._@+").contains(c);
    if (plain) {
      name += c;
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  while (!name.empty() && std::isalnum(static_cast<unsigned char>(name.back())) == 0) name.pop_back();
  const auto first = std::ranges::find_if(name, [](unsigned char c) { return std::isalnum(c) != 0; });
  name.erase(name.begin(), first);
  return name.substr(0, 64);
}

/// Exports have the page of the sign-in: the app is at its origin. Of several addresses the first.
std::string origin_of_page(const std::string& url) {
  const std::size_t host = url.find("://");
  if (host == std::string::npos) return url;
  return url.substr(0, url.find_first_of("/?#,", host + 3));
}

bool valid_name(const std::string& name) {
  try {
    require_account_name(name);
    return true;
  } catch (const Failure&) {
    return false;
  }
}

class RosterReader {
 public:
  RosterReader(const Heading& heading, const RosterRules& rules) : heading_(heading), rules_(rules) {}

  void read(const CsvRecord& record) {
    const Line line(heading_, record);
    if (is_no_login(line)) {
      ++no_logins_;
      return;
    }
    RosterLine out;
    out.line = record.line;
    if (record.cells.size() != heading_.width)
      return bad(record.line, fmt::format("it has {} where the first line has {}", counted(record.cells.size(), "cell"),
                                          heading_.width));
    const std::size_t before = problems_.size();
    read_name(line, out);
    read_address(line, out);
    out.username = line.text(Column::kUsername);
    if (out.username.empty()) bad(out.line, "its user name is empty");
    out.app = line.text(Column::kApp);
    if (out.app.empty()) out.app = rules_.app;
    out.tags = line.words(Column::kTags, ",;");
    out.owner = line.text(Column::kOwner);
    out.shares = line.words(Column::kShares, ",;");
    // What people keep in the notes of a password manager is not for a place without a seal.
    if (!heading_.foreign) out.notes = line.text(Column::kNotes);
    if (!line.cell(Column::kPassword).empty()) out.password = line.cell(Column::kPassword).secret();
    out.has_totp = !line.cell(Column::kTotp).empty();
    if (problems_.size() == before) roster_.lines.push_back(std::move(out));
  }

  Roster finish() {
    refuse_lines(problems_);
    if (!heading_.ignored.empty())
      roster_.remarks.push_back(fmt::format("these columns were not read: {}", fmt::join(heading_.ignored, ", ")));
    if (heading_.foreign && heading_.columns.contains(Column::kNotes))
      roster_.remarks.emplace_back("notes of another tool were not taken over: they may hold secrets");
    if (heading_.foreign) roster_.remarks.emplace_back("of each address the origin was taken");
    if (no_logins_ > 0)
      roster_.remarks.push_back(fmt::format("{} that is no login was passed over", counted(no_logins_, "line")));
    return std::move(roster_);
  }

 private:
  void bad(int line, std::string_view why) { problems_.push_back(fmt::format("line {}: {}", line, why)); }

  bool is_no_login(const Line& line) const {
    const std::string type = lower(line.text(Column::kType));
    return !type.empty() && type != "login";
  }

  void read_name(const Line& line, RosterLine& out) {
    const std::string given = line.text(Column::kName);
    out.name = heading_.foreign ? name_of_title(given) : given;
    if (!valid_name(out.name))
      return bad(out.line,
                 "its name cannot be used: letters, digits and . _ @ + -, at most 64, beginning with a letter "
                 "or digit");
    const auto [first, fresh] = names_.emplace(out.name, out.line);
    if (!fresh) bad(out.line, fmt::format("it has the name of line {}", first->second));
  }

  void read_address(const Line& line, RosterLine& out) {
    const std::string given = line.text(Column::kUrl);
    try {
      const BaseAddress address = parse_base_address(heading_.foreign ? origin_of_page(given) : given);
      out.url = address.url;
      out.origins = make_pins(address, line.words(Column::kOrigins, ",; "), rules_.insecure_http);
    } catch (const Failure& failure) {
      bad(out.line, failure.message());
    }
  }

  const Heading& heading_;
  const RosterRules& rules_;
  Roster roster_;
  std::vector<std::string> problems_;
  std::map<std::string, int> names_;
  std::size_t no_logins_ = 0;
};

}  // namespace

void refuse_lines(const std::vector<std::string>& problems) {
  if (problems.empty()) return;
  throw Failure(Outcome::kInvalidInput,
                fmt::format("the file has {}: {}", counted(problems.size(), "bad line"), fmt::join(problems, "; ")),
                "mend them; nothing was taken over");
}

Roster read_roster(const Secret& csv, const RosterRules& rules) {
  const auto records = read_csv(csv.reveal());
  if (!records) throw Failure(Outcome::kInvalidInput, records.error());
  if (records->empty()) throw Failure(Outcome::kInvalidInput, "the file is empty");
  if (records->size() > kMostLines + 1)
    throw Failure(Outcome::kInvalidInput, fmt::format("the file has more than {} lines", kMostLines));
  const Heading heading = heading_of(records->front());
  RosterReader reader(heading, rules);
  for (std::size_t i = 1; i < records->size(); ++i) reader.read((*records)[i]);
  return reader.finish();
}

}  // namespace totpilot::services

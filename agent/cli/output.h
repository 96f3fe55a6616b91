#pragma once
// Output: what goes to which stream. Results go to standard output (storage_failed where it cannot take them),
// everything else (progress, notes, warnings, failures for people) to standard error. With --json standard output holds
// exactly one JSON document whatever happens, a failure included, and standard error stays for the log and warnings.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/failure.h"

namespace totpilot::cli {

enum class Shape { kText, kJson };
enum class Loudness { kQuiet, kNormal, kVerbose };
enum class Tint { kGood, kBad, kCaution, kFaint, kStrong };

class Output {
 public:
  Output() = default;
  Output(Shape shape, Loudness loudness);

  Shape shape() const { return shape_; }
  bool json() const { return shape_ == Shape::kJson; }
  Loudness loudness() const { return loudness_; }

  /// The document of a success: `body` (an object) with "outcome": "ok" before it. For --json only; a command calls it
  /// once.
  void document(nlohmann::ordered_json body);
  /// A line of the result for people; nothing with --json.
  void line(std::string_view text);
  /// Columns, aligned; the first row is the heading. Nothing with --json.
  void table(const std::vector<std::vector<std::string>>& rows);
  /// Bytes as they are, to standard output: what the user asked for by name (an exported secret).
  void raw(std::string_view bytes);

  /// For people while they wait, on standard error; nothing with --quiet or --json.
  void note(std::string_view text);
  /// What the user should know although the command goes on; always on standard error.
  void warn(std::string_view text);
  /// The end of a command that failed, in the shape asked for; for people where standard output holds a document
  /// already, or cannot take one. Never throws. `extra` joins the document (the job, its report).
  void failure(const Failure& failure, nlohmann::ordered_json extra = nlohmann::ordered_json::object());

  /// `text` in colour where standard output (or error) is a terminal that may be coloured.
  std::string on_output(Tint tint, std::string_view text) const { return tinted(colour_output_, tint, text); }
  std::string on_error(Tint tint, std::string_view text) const { return tinted(colour_error_, tint, text); }

 private:
  bool answer_failure(const Failure& failure, const nlohmann::ordered_json& extra);
  static std::string tinted(bool coloured, Tint tint, std::string_view text);

  Shape shape_ = Shape::kText;
  Loudness loudness_ = Loudness::kNormal;
  bool colour_output_ = false;
  bool colour_error_ = false;
  bool answered_ = false;
};

/// The failure as the document of --json: outcome, message, hint, position, retry, exit_code.
nlohmann::ordered_json to_json(const Failure& failure);

/// "3 days ago", "in 12 s"-like spans for people: "412 ms", "1.2 s", "2 min 5 s".
std::string for_people(std::chrono::milliseconds span);

/// Drops control characters (terminal escapes above all) from a text that an app or a file may have chosen.
std::string printable(std::string_view text);

}  // namespace totpilot::cli

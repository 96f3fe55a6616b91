#include "agent/audit/verify.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "agent/audit/checkpoints.h"
#include "agent/audit/record.h"

namespace totpilot::audit {
namespace {

constexpr int kPart = 500;
constexpr std::size_t kMostBreaks = 100;

/// By chain, what a checkpoint says of a sequence.
using Known = std::map<std::string, std::map<std::int64_t, std::string>>;

class Walk {
 public:
  Walk(store::Store& store, const Secret& key, Known known) : store_(store), key_(key), known_(std::move(known)) {}

  Verdict run() {
    std::set<std::string> writers;
    for (const std::string& writer : store_.read(store::list_audit_writers)) writers.insert(writer);
    for (const auto& [writer, points] : known_) {
      writers.insert(writer);
      verdict_.checkpoints += static_cast<std::int64_t>(points.size());
    }
    for (const std::string& writer : writers) walk(writer);
    verdict_.chains = static_cast<std::int64_t>(writers.size());
    return std::move(verdict_);
  }

  void add(const std::string& writer, std::int64_t sequence, std::string what) {
    if (verdict_.breaks.size() < kMostBreaks) verdict_.breaks.push_back({writer, sequence, std::move(what)});
  }

 private:
  void walk(const std::string& writer) {
    std::int64_t last = 0;
    std::string previous;
    for (;;) {
      const auto part = store_.read([&](store::ReadTransaction& transaction) {
        return store::list_audit_chain(transaction, writer, last, kPart);
      });
      if (part.empty()) break;
      for (const store::AuditRow& row : part) {
        examine(row, last, previous);
        last = row.sequence;
        previous = row.hash;
        ++verdict_.records;
      }
    }
    for (const auto& [sequence, hash] : known_[writer]) {
      if (sequence <= last) continue;
      add(writer, last + 1,
          fmt::format("the end was cut off: a checkpoint knows of {} records", known_[writer].rbegin()->first));
      break;
    }
  }

  void examine(const store::AuditRow& row, std::int64_t last, const std::string& previous) {
    if (row.sequence != last + 1)
      add(row.writer, last + 1,
          row.sequence == last + 2 ? std::string("the record is missing")
                                   : fmt::format("the records up to {} are missing", row.sequence - 1));
    else if (row.previous != previous)
      add(row.writer, row.sequence, "the record does not follow the one before it");
    if (hash_of(key_, row) != row.hash) add(row.writer, row.sequence, "the record was changed");
    const auto& points = known_[row.writer];
    if (const auto found = points.find(row.sequence); found != points.end() && found->second != row.hash)
      add(row.writer, row.sequence, "the record is not the one that its checkpoint knows");
  }

  store::Store& store_;
  const Secret& key_;
  Known known_;
  Verdict verdict_;
};

}  // namespace

Verdict verify(store::Store& store, const Secret& key, const std::filesystem::path& stream) {
  const CheckpointsRead file = read_checkpoints(store.state_directory() / kCheckpointFile, key);
  Known known;
  for (const Checkpoint& one : file.good) known[one.writer][one.sequence] = one.hash;
  if (!stream.empty())
    for (const Checkpoint& one : read_stream(stream)) known[one.writer].try_emplace(one.sequence, one.hash);
  Walk walk(store, key, std::move(known));
  for (const int line : file.bad_lines) walk.add("", 0, fmt::format("{}, line {}: was changed", kCheckpointFile, line));
  return walk.run();
}

}  // namespace totpilot::audit

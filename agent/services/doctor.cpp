#include "agent/services/doctor.h"

#include <sys/resource.h>

#include "agent/base/counted.h"
#include "agent/base/stopwatch.h"
#include "agent/qr/decoder.h"
#include "agent/services/house.h"
#include "agent/services/playbooks.h"

namespace totpilot::services {
namespace {

constexpr std::uintmax_t kFreeDisk = std::uintmax_t{64} << 20U;
constexpr rlim_t kLockedMemory = rlim_t{1} << 20U;
constexpr auto kBrowserTime = std::chrono::seconds(30);

/// Runs one look; a failure is a finding.
task<Finding> look(std::string what, std::function<task<std::string>()> at) {
  Finding finding{.what = std::move(what), .outcome = Outcome::kOk, .detail = {}, .hint = {}};
  try {
    finding.detail = co_await at();
  } catch (const Failure& failure) {
    finding.outcome = failure.code();
    finding.detail = failure.message();
    finding.hint = failure.hint();
  }
  co_return finding;
}

task<std::string> open_the_vault(House& house) {
  co_await house.open_vault();
  const auto status = co_await house.blocking([&] { return house.vault().status(); });
  co_return fmt::format("{} records, {} ways in", status.records, status.slots.size());
}

task<std::string> start_a_browser(House& house) {
  const Stopwatch watch;
  browser::SessionOptions options;
  options.base_url = "http://127.0.0.1";
  const auto session = co_await house.browsers().lease(std::move(options), Deadline::after(kBrowserTime));
  co_await session->close(Deadline::after(kBrowserTime));
  co_return fmt::format("in {} ms", watch.elapsed().count());
}

task<std::string> ask_the_decoder() {
  const qr::Decoder decoder;
  try {
    co_await decoder.decode(Secret(std::string("no picture")), Deadline::after(qr::Decoder::kLongest));
  } catch (const Failure& failure) {
    // It answered: what it was given is no picture.
    if (failure.code() != Outcome::kInvalidInput) throw;
  }
  co_return "it answers";
}

task<std::string> measure_the_disk(House& house) {
  co_return co_await house.blocking([&] {
    std::filesystem::path at = house.config().state_directory;
    while (!at.empty() && at != at.root_path() && !std::filesystem::exists(at)) at = at.parent_path();
    const auto space = std::filesystem::space(at);
    if (space.available < kFreeDisk)
      throw Failure(Outcome::kStorageFailed,
                    fmt::format("only {} MiB are free at {}", space.available >> 20U, at.string()),
                    "make room: enroll needs 64 MiB");
    return fmt::format("{} MiB free at {}", space.available >> 20U, at.string());
  });
}

task<std::string> measure_locked_memory() {
  rlimit limit{};
  ::getrlimit(RLIMIT_MEMLOCK, &limit);
  if (limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < kLockedMemory)
    throw Failure(
        Outcome::kNeedsHuman,
        fmt::format("only {} KiB of memory may be locked: secrets may reach the swap space", limit.rlim_cur >> 10U),
        "raise it: ulimit -l, or LimitMEMLOCK= of the unit");
  co_return "enough";
}

task<std::string> lint_the_playbooks(House& house) {
  const auto playbooks = co_await house.blocking([&] { return list_playbooks(house.config()); });
  for (const auto& one : playbooks)
    if (one.errors > 0)
      throw Failure(Outcome::kPlaybookInvalid,
                    fmt::format("{} has {}", one.file, counted(static_cast<std::size_t>(one.errors), "error")),
                    "totpilot playbook lint " + one.file);
  co_return fmt::format("{} found", playbooks.size());
}

task<std::string> look_for_open_enrollments(House& house) {
  co_await house.open_store();
  const auto& names = house.interrupted_accounts();
  if (!names.empty())
    throw Failure(Outcome::kUncertain, fmt::format("an enrollment was interrupted: {}", fmt::join(names, ", ")),
                  "totpilot recover");
  co_return "none";
}

}  // namespace

nlohmann::ordered_json to_json(const Finding& finding) {
  return {{"what", finding.what},
          {"outcome", outcome_name(finding.outcome)},
          {"detail", finding.detail},
          {"hint", finding.hint}};
}

task<std::vector<Finding>> examine(House& house) {
  std::vector<Finding> findings;
  findings.push_back(co_await look("the disk has room", [&] { return measure_the_disk(house); }));
  findings.push_back(co_await look("memory can be locked", [] { return measure_locked_memory(); }));
  findings.push_back(co_await look("the vault opens", [&] { return open_the_vault(house); }));
  findings.push_back(co_await look("no enrollment is open", [&] { return look_for_open_enrollments(house); }));
  findings.push_back(co_await look("the playbooks are right", [&] { return lint_the_playbooks(house); }));
  findings.push_back(co_await look("the QR decoder answers", [] { return ask_the_decoder(); }));
  findings.push_back(co_await look("a browser starts", [&] { return start_a_browser(house); }));
  co_return findings;
}

}  // namespace totpilot::services

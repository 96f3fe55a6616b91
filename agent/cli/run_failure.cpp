#include "agent/cli/run_failure.h"

#include "agent/services/runs.h"

namespace totpilot::cli {

int show_failure(Output& out, const Failure& failure) {
  nlohmann::ordered_json extra = nlohmann::ordered_json::object();
  const auto* failed = dynamic_cast<const services::RunFailed*>(&failure);
  if (failed != nullptr) extra = services::to_json(failed->run());
  out.failure(failure, std::move(extra));
  if (failed != nullptr && !failed->run().report_directory.empty())
    out.note(fmt::format("  report: {}", failed->run().report_directory));
  return outcome_info(failure.code()).exit_code;
}

}  // namespace totpilot::cli

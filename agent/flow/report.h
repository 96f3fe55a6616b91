#pragma once
// Recorder: writes what a listener hears into reports/<job>: report.json, and a masked picture and outline of each page
// on which a step failed. Files 0600 in a directory 0700; every text passes through the redactor.
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "agent/base/clock.h"
#include "agent/flow/progress.h"

namespace totpilot::flow {

class Recorder final : public ProgressListener {
 public:
  Recorder(std::string job, const Clock& clock) : clock_(clock) { report_["job"] = std::move(job); }

  void on_event(const Event& event) override;
  /// Blocking. storage_failed.
  void write(const std::filesystem::path& directory) const;

  const nlohmann::json& report() const { return report_; }

 private:
  struct Picture {
    std::string name;
    std::string png;
  };
  void note(const FlowStarted& event);
  void note(const StepStarted& event);
  void note(const StepEnded& event);
  void note(const Waiting& event);
  void note(const Remark& event);
  void note(const PageSeen& event);
  void note(const FlowEnded& event);
  nlohmann::json& step(const std::string& number);

  const Clock& clock_;
  nlohmann::json report_ = {{"steps", nlohmann::json::array()}, {"remarks", nlohmann::json::array()}};
  std::vector<Picture> pictures_;
};

}  // namespace totpilot::flow

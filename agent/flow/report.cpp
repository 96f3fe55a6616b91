#include "agent/flow/report.h"

#include "agent/base/file.h"
#include "agent/base/redactor.h"

namespace totpilot::flow {

using nlohmann::json;

void Recorder::on_event(const Event& event) {
  std::visit([this](const auto& one) { note(one); }, event);
}

void Recorder::note(const FlowStarted& event) {
  report_["flow"] = event.flow;
  report_["account"] = event.account;
  report_["started"] = to_iso(clock_.now());
}

json& Recorder::step(const std::string& number) {
  for (json& one : report_["steps"])
    if (one["number"] == number && !one.contains("outcome")) return one;
  report_["steps"].push_back({{"number", number}});
  return report_["steps"].back();
}

void Recorder::note(const StepStarted& event) {
  json& one = step(event.number);
  one["name"] = event.name;
  one["started"] = to_iso(clock_.now());
  if (!event.at.file.empty()) one["at"] = to_string(event.at);
}

void Recorder::note(const StepEnded& event) {
  json& one = step(event.number);
  one["name"] = event.name;
  one["duration_ms"] = event.duration.count();
  one["outcome"] = event.skipped ? "skipped" : outcome_name(event.result);
  if (!event.message.empty()) one["message"] = event.message;
}

void Recorder::note(const Waiting& event) {
  report_["remarks"].push_back({{"at", to_iso(clock_.now())},
                                {"waiting", event.what},
                                {"reason", event.reason},
                                {"span_ms", event.span.count()}});
}

void Recorder::note(const Remark& event) {
  report_["remarks"].push_back({{"at", to_iso(clock_.now())}, {"text", event.text}});
}

void Recorder::note(const PageSeen& event) {
  json& one = step(event.number);
  one["page"] = {{"url", event.evidence.url}, {"title", event.evidence.title}, {"outline", event.evidence.outline}};
  if (event.evidence.png.empty()) return;
  const std::string name = "step-" + event.number + ".png";
  one["page"]["picture"] = name;
  pictures_.push_back({name, event.evidence.png});
}

void Recorder::note(const FlowEnded& event) {
  report_["duration_ms"] = event.duration.count();
  report_["outcome"] = outcome_name(event.result);
  if (!event.message.empty()) report_["message"] = event.message;
}

void Recorder::write(const std::filesystem::path& directory) const {
  make_private_directory(directory);
  for (const Picture& picture : pictures_) write_file_atomically(directory / picture.name, picture.png);
  const std::string text = report_.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
  write_file_atomically(directory / "report.json", Redactor::global().redact(text));
}

}  // namespace totpilot::flow

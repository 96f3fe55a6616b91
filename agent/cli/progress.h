#pragma once
// ProgressView: shows a running flow to a person, on standard error. On a terminal the running step and every countdown
// are one line that changes in place; elsewhere each step that ended and each wait is a line of its own.
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <string>
#include <vector>

#include "agent/cli/output.h"
#include "agent/services/progress.h"

namespace totpilot::cli {

class ProgressView final : public services::ProgressListener {
 public:
  ProgressView(const Output& output, const boost::asio::any_io_executor& executor);
  ~ProgressView() override;

  void on_event(const services::Event& event) override;

 private:
  struct Running {
    std::string number;
    std::string name;
  };

  void show(const services::FlowStarted& event);
  void show(const services::StepStarted& event);
  void show(const services::StepEnded& event);
  void show(const services::Waiting& event);
  void show(const services::Remark& event);
  void show(const services::FlowEnded& event);
  void show(const services::PageSeen&) {}  // for the report

  void write_line(const std::string& text);
  /// The line that changes: the innermost running step, or the wait with what is left of it.
  void draw_live_line();
  void count_down();

  const Output& output_;
  bool live_;
  bool drawn_ = false;  // there is a line to clear
  boost::asio::steady_timer tick_;
  std::vector<Running> running_;
  std::string wait_what_;
  std::string wait_reason_;
  std::chrono::steady_clock::time_point wait_end_;
  bool waiting_ = false;
};

}  // namespace totpilot::cli

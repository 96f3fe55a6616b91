// The practice site's playbooks are without fault, before a browser is started for them.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "agent/playbook/parser.h"

namespace totpilot {
namespace {

std::vector<std::filesystem::path> practice_playbooks() {
  std::vector<std::filesystem::path> files{TOTPILOT_SOURCE_DIR "/playbooks/apps/practice.yaml"};
  for (const auto& entry : std::filesystem::directory_iterator(TOTPILOT_SOURCE_DIR "/tests/practice/playbooks")) {
    files.push_back(entry.path());
  }
  return files;
}

struct PracticePlaybook : testing::TestWithParam<std::filesystem::path> {};

TEST_P(PracticePlaybook, HasNothingToComplainAbout) {
  std::ifstream stream(GetParam(), std::ios::binary);
  const playbook::Parsed parsed =
      playbook::parse(GetParam().string(), std::string(std::istreambuf_iterator<char>(stream), {}));
  for (const yaml::Diagnostic& one : parsed.diagnostics) {
    ADD_FAILURE() << to_string(one.at) << ": " << one.message << " (" << one.suggestion << ")";
  }
}

INSTANTIATE_TEST_SUITE_P(EachFile, PracticePlaybook, testing::ValuesIn(practice_playbooks()),
                         [](const auto& instance) { return instance.param.stem().string(); });

}  // namespace
}  // namespace totpilot

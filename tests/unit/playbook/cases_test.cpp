// Playbooks with mistakes, and what is said about them: cases/NAME.yaml and NAME.expected. TOTPILOT_UPDATE=1 writes the
// expectations.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "agent/base/file.h"
#include "tests/unit/playbook/support.h"

namespace totpilot::playbook {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> cases() {
  std::vector<fs::path> result;
  for (const auto& entry : fs::directory_iterator(fs::path(TOTPILOT_SOURCE_DIR) / "tests/unit/playbook/cases"))
    if (entry.path().extension() == ".yaml") result.push_back(entry.path());
  std::ranges::sort(result);
  return result;
}

class DiagnosticCase : public testing::TestWithParam<fs::path> {};

TEST_P(DiagnosticCase, SaysWhatIsExpected) {
  const Parsed parsed = parse(GetParam().filename().string(), read_file(GetParam(), 1 << 20));
  const std::string text = shown(parsed);
  fs::path expected = GetParam();
  expected.replace_extension(".expected");
  if (std::getenv("TOTPILOT_UPDATE")) std::ofstream(expected) << text;
  EXPECT_FALSE(parsed.ok());
  EXPECT_EQ(text, read_file(expected, 1 << 20));
}

INSTANTIATE_TEST_SUITE_P(Files, DiagnosticCase, testing::ValuesIn(cases()),
                         [](const auto& info) { return info.param.stem().string(); });

}  // namespace
}  // namespace totpilot::playbook

// The files in playbooks/ are what the tables say.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "agent/base/file.h"
#include "agent/playbook/reference.h"
#include "agent/playbook/table.h"

namespace totpilot::playbook {
namespace {

void expect_file(const std::string& name, const std::string& text) {
  const std::filesystem::path path = std::filesystem::path(TOTPILOT_SOURCE_DIR) / "playbooks" / name;
  if (std::getenv("TOTPILOT_UPDATE")) std::ofstream(path) << text;
  EXPECT_TRUE(read_file(path, 1 << 20) == text)
      << path << " differs from the tables: TOTPILOT_UPDATE=1 playbook_test writes it anew";
}

TEST(Generated, TheReferenceIsWhatTheTablesSay) { expect_file("README.md", reference_text()); }

TEST(Generated, TheSchemaIsWhatTheTablesSay) { expect_file("schema/playbook.schema.json", schema_text()); }

TEST(Generated, TheSchemaNamesEveryActionAndResolvesEveryReference) {
  const auto schema = nlohmann::json::parse(schema_text());
  for (const ActionInfo& action : actions())
    EXPECT_TRUE(schema["$defs"]["step"]["properties"].contains(action.name)) << action.name;
  const std::string text = schema.dump();
  for (std::size_t at = text.find("#/$defs/"); at != std::string::npos; at = text.find("#/$defs/", at + 1)) {
    const std::string name = text.substr(at + 8, text.find('"', at) - at - 8);
    EXPECT_TRUE(schema["$defs"].contains(name)) << name;
  }
}

TEST(Generated, EveryKeyHasAMeaning) {
  const auto look = [](const std::vector<KeyInfo>& keys) {
    for (const KeyInfo& key : keys) EXPECT_FALSE(key.doc.empty()) << key.name;
  };
  for (const ActionInfo& action : actions()) {
    EXPECT_FALSE(action.doc.empty()) << action.name;
    look(action.keys);
  }
  for (const auto& keys : {infos(playbook_keys()), infos(facts_keys()), infos(mfa_keys()), infos(session_keys()),
                           infos(flow_keys()), infos(step_keys())})
    look(keys);
}

}  // namespace
}  // namespace totpilot::playbook

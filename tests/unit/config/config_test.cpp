#include "agent/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>

#include "agent/base/failure.h"
#include "agent/base/file.h"

namespace totpilot::config {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::HasSubstr;

class ConfigTest : public testing::Test {
 protected:
  ConfigTest() : directory_(fs::temp_directory_path() / fmt::format("totpilot-config-{}", ::getpid())) {
    fs::create_directories(directory_);
  }
  ~ConfigTest() override { fs::remove_all(directory_); }

  Sources user() {
    Sources sources;
    sources.environment = [this](const std::string& name) -> std::optional<std::string> {
      const auto found = environment_.find(name);
      return found == environment_.end() ? std::nullopt : std::optional(found->second);
    };
    for (const auto& [name, value] : environment_) sources.environment_names.push_back(name);
    return sources;
  }
  Sources with_file(const std::string& text) {
    const fs::path file = directory_ / "totpilot.yaml";
    std::ofstream(file) << text;
    Sources sources = user();
    sources.file = file;
    return sources;
  }
  static Failure failure_of(const Sources& sources) {
    try {
      load(sources);
    } catch (const Failure& failure) {
      return failure;
    }
    ADD_FAILURE() << "nothing was thrown";
    return Failure(Outcome::kOk, "");
  }
  static Shown shown(const Loaded& loaded, std::string_view key) {
    const auto found = std::ranges::find(loaded.shown, key, &Shown::key);
    return found == loaded.shown.end() ? Shown{} : *found;
  }

  fs::path directory_;
  std::map<std::string, std::string> environment_ = {{"HOME", "/home/ada"}};
};

TEST_F(ConfigTest, PutsAUsersFilesBelowTheirHome) {
  const Config config = load(user()).config;
  EXPECT_EQ(config.state_directory, "/home/ada/.local/state/totpilot");
  EXPECT_EQ(config.key_directory, "/home/ada/.config/totpilot/keys");
  EXPECT_EQ(config.escrow_directory, "/home/ada/.local/share/totpilot/escrow");
}

TEST_F(ConfigTest, FollowsXdgVariablesWithAbsolutePathsOnly) {
  environment_["XDG_STATE_HOME"] = "/srv/state";
  environment_["XDG_CONFIG_HOME"] = "relative";
  const Config config = load(user()).config;
  EXPECT_EQ(config.state_directory, "/srv/state/totpilot");
  EXPECT_EQ(config.key_directory, "/home/ada/.config/totpilot/keys");
}

TEST_F(ConfigTest, PutsRootsFilesWhereTheSystemKeepsThem) {
  Sources sources = user();
  sources.root = true;
  sources.file = directory_ / "empty.yaml";
  std::ofstream(*sources.file) << "# nothing\n";
  EXPECT_EQ(load(sources).config.state_directory, "/var/lib/totpilot");
  EXPECT_EQ(load(sources).config.key_directory, "/etc/totpilot/keys");
}

TEST_F(ConfigTest, PutsTheEscrowCopiesBesideAStateThatWasPlacedElsewhere) {
  Sources sources = user();
  sources.overrides = {{.key = "state_directory", .value = "/srv/one/", .flag = "--state"}};
  const Loaded placed = load(sources);
  EXPECT_EQ(placed.config.escrow_directory, "/srv/one-escrow");
  EXPECT_EQ(shown(placed, "escrow_directory").origin, "default, beside state_directory");

  sources.overrides.push_back({.key = "escrow_directory", .value = "/mnt/copies", .flag = "--escrow-dir"});
  EXPECT_EQ(load(sources).config.escrow_directory, "/mnt/copies");

  sources.overrides = {{.key = "state_directory", .value = "/home/ada/.local/state/totpilot", .flag = "--state"}};
  EXPECT_EQ(load(sources).config.escrow_directory, "/home/ada/.local/share/totpilot/escrow") << "the usual state";
}

TEST_F(ConfigTest, AsksForADirectoryWhereThereIsNoHome) {
  environment_.clear();
  const Failure failure = failure_of(user());
  EXPECT_THAT(failure.message(), HasSubstr("there is no state_directory"));
  EXPECT_THAT(failure.hint(), HasSubstr("TOTPILOT_STATE_DIRECTORY"));
}

TEST_F(ConfigTest, TakesFlagsOverVariablesOverTheFileOverDefaults) {
  environment_["TOTPILOT_TIMEOUTS_STEP"] = "20s";
  environment_["TOTPILOT_LOG_LEVEL"] = "info";
  Sources sources = with_file("timeouts: { step: 10s, flow: 7m }\nlog: { level: error, format: json }\n");
  sources.overrides = {{.key = "log.level", .value = "debug", .flag = "--verbose"}};

  const Loaded loaded = load(sources);

  EXPECT_EQ(loaded.config.log.level, log::Level::kDebug);
  EXPECT_EQ(shown(loaded, "log.level").origin, "--verbose");
  EXPECT_EQ(loaded.config.timeouts.step, 20s);
  EXPECT_EQ(shown(loaded, "timeouts.step").origin, "TOTPILOT_TIMEOUTS_STEP");
  EXPECT_EQ(loaded.config.timeouts.flow, 7min);
  EXPECT_EQ(shown(loaded, "timeouts.flow").origin, (directory_ / "totpilot.yaml").string() + ":1:30");
  EXPECT_EQ(shown(loaded, "browser.headed").origin, "default");
  EXPECT_EQ(shown(loaded, "timeouts.flow").value, "7m");
}

TEST_F(ConfigTest, ReadsEveryFormOfValueFromVariables) {
  environment_["TOTPILOT_BROWSER_HEADED"] = "true";
  environment_["TOTPILOT_BROWSER_MOST_PER_CORE"] = "3";
  environment_["TOTPILOT_PLAYBOOK_DIRECTORIES"] = "/srv/a:/srv/b";
  environment_["TOTPILOT_DEVICE_NAME"] = "12345";
  const Config config = load(user()).config;
  EXPECT_TRUE(config.browser.headed);
  EXPECT_EQ(config.browser.most_per_core, 3);
  EXPECT_EQ(config.playbook_directories, (std::vector<std::string>{"/srv/a", "/srv/b"}));
  EXPECT_EQ(config.device_name, "12345");
}

TEST_F(ConfigTest, NamesAllErrorsOfTheFileWithPlaceAndSuggestion) {
  const Failure failure =
      failure_of(with_file("brower: { headed: true }\nlog:\n  level: loud\ntimeouts: { step: 15 }\nheaded: true\n"));
  EXPECT_EQ(failure.code(), Outcome::kInvalidInput);
  const std::string file = (directory_ / "totpilot.yaml").string();
  EXPECT_THAT(failure.message(), HasSubstr("4 errors"));
  EXPECT_THAT(failure.message(), HasSubstr(file + ":1:1: error: there is no key \"brower\""));
  EXPECT_THAT(failure.message(), HasSubstr("did you mean \"browser\"?"));
  EXPECT_THAT(failure.message(), HasSubstr(file + ":3:10: error: \"loud\" is not one of the words"));
  EXPECT_THAT(failure.message(), HasSubstr("did you mean 15s?"));
  EXPECT_THAT(failure.message(), HasSubstr("did you mean \"browser.headed\"?"));
}

TEST_F(ConfigTest, NeverRepeatsAVariablesValueInAnError) {
  environment_["TOTPILOT_LOG_LEVEL"] = "info";
  environment_["TOTPILOT_TIMEOUTS_STEP"] = "hunter2";
  const Failure failure = failure_of(user());
  EXPECT_THAT(failure.message(), HasSubstr("TOTPILOT_TIMEOUTS_STEP: "));
  EXPECT_THAT(failure.message() + failure.hint(), testing::Not(HasSubstr("hunter2")));
}

TEST_F(ConfigTest, WarnsOfVariablesThatMeanNothing) {
  environment_["TOTPILOT_LOGLEVEL"] = "info";
  const Loaded loaded = load(user());
  ASSERT_EQ(loaded.warnings.size(), 1U);
  EXPECT_EQ(loaded.warnings[0], "the variable TOTPILOT_LOGLEVEL means nothing; did you mean TOTPILOT_LOG_LEVEL?");
}

TEST_F(ConfigTest, WarnsOfAPassphraseInAVariableThatNothingReads) {
  environment_["TOTPILOT_PASSPHRASE_FILE"] = "/run/secrets/vault";
  EXPECT_EQ(load(user()).warnings.size(), 1U);
}

TEST_F(ConfigTest, DemandsAFileThatWasNamed) {
  environment_["TOTPILOT_CONFIG"] = (directory_ / "missing.yaml").string();
  EXPECT_EQ(failure_of(user()).code(), Outcome::kNotFound);
}

TEST_F(ConfigTest, FindsAUsersFileBeforeTheSystems) {
  environment_["XDG_CONFIG_HOME"] = "/home/ada/cfg";
  EXPECT_EQ(default_files(user()),
            (std::vector<fs::path>{"/home/ada/cfg/totpilot/totpilot.yaml", "/etc/totpilot/totpilot.yaml"}));
}

TEST_F(ConfigTest, RefusesValuesThatMakeNoSense) {
  for (const char* text :
       {"browser: { proxy: \"http://user:pass@host:1\" }", "state_directory: ~/totpilot", "time: { max_skew: 1h }",
        "report: { keep_days: -1 }", "browser: { language: \"de DE; --flag\" }", "timeouts: { step: 2m, flow: 1m }",
        "log: []", "browser: { headed: \"true\" }", "- a"})
    EXPECT_EQ(failure_of(with_file(text)).code(), Outcome::kInvalidInput) << text;
}

TEST_F(ConfigTest, HasAnExampleFileWithEveryKeyAtItsDefault) {
  const fs::path path = fs::path(TOTPILOT_SOURCE_DIR) / "config" / "totpilot.yaml";
  if (std::getenv("TOTPILOT_UPDATE")) std::ofstream(path) << example_file();
  const std::string text = read_file(path, 1 << 20);
  EXPECT_EQ(text, example_file()) << "TOTPILOT_UPDATE=1 config_test writes it anew";

  const auto load_as_root = [this](const std::string& content) {
    Sources sources = with_file(content);
    sources.root = true;
    return load(sources);
  };
  // As it stands it changes nothing; with the marks taken away it sets every key to the default it has.
  const Loaded defaults = load_as_root(text);
  for (const Shown& one : defaults.shown) EXPECT_EQ(one.origin, "default") << one.key;
  const Loaded all = load_as_root(std::regex_replace(text, std::regex("(^|\n)( *)#([a-z_]+:)"), "$1$2$3"));
  ASSERT_EQ(all.shown.size(), defaults.shown.size());
  for (std::size_t i = 0; i < all.shown.size(); ++i) {
    EXPECT_EQ(all.shown[i].value, defaults.shown[i].value);
    EXPECT_NE(all.shown[i].origin, "default") << all.shown[i].key << " is not in the file";
  }
}

}  // namespace
}  // namespace totpilot::config

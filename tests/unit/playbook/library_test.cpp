#include "agent/playbook/library.h"

#include <gtest/gtest.h>

#include <fstream>

#include "agent/playbook/lint.h"

namespace totpilot::playbook {
namespace {

namespace fs = std::filesystem;

class LibraryTest : public testing::Test {
 protected:
  LibraryTest() : root_(fs::temp_directory_path() / fmt::format("totpilot-library-{}", ::getpid())) {
    fs::create_directories(root_ / "own");
    fs::create_directories(root_ / "system");
  }
  ~LibraryTest() override { fs::remove_all(root_); }

  void put(const std::string& place, const std::string& app, const std::string& title) {
    std::ofstream(root_ / place / (app + ".yaml")) << complete_example(fmt::format("app: {}\ntitle: {}\n", app, title));
  }
  PlaybookLibrary library() const { return PlaybookLibrary({root_ / "missing", root_ / "own", root_ / "system"}); }
  static Failure failure_of(const std::function<void()>& act) {
    try {
      act();
    } catch (const Failure& failure) {
      return failure;
    }
    ADD_FAILURE() << "nothing was thrown";
    return Failure(Outcome::kOk, "");
  }

  fs::path root_;
};

TEST_F(LibraryTest, TakesAnAppFromTheFirstFolderThatHasIt) {
  put("own", "wiki", "Ours");
  put("system", "wiki", "Theirs");
  EXPECT_EQ(library().find("wiki").title, "Ours");
  EXPECT_TRUE(library().has("wiki"));
}

TEST_F(LibraryTest, SaysWhichFileAnotherHides) {
  put("own", "wiki", "Ours");
  put("system", "wiki", "Theirs");
  put("system", "git", "Git");
  const auto all = library().list();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].app, "git");
  EXPECT_FALSE(all[0].hides);
  EXPECT_EQ(all[1].title, "Ours");
  EXPECT_EQ(all[1].hides, root_ / "system" / "wiki.yaml");
}

TEST_F(LibraryTest, ListsAPlaybookThatHasErrorsWithTheirNumber) {
  std::ofstream(root_ / "own" / "bad.yaml") << "app: bad\n";
  const auto all = library().list();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].errors, 4);
}

TEST_F(LibraryTest, SuggestsTheNearestAppWhenThereIsNone) {
  put("own", "redmine", "Redmine");
  const Failure failure = failure_of([&] { library().find("redmin"); });
  EXPECT_EQ(failure.code(), Outcome::kNoPlaybook);
  EXPECT_EQ(failure.hint(), "did you mean \"redmine\"?");
}

TEST_F(LibraryTest, NeverLeavesItsFolders) {
  std::ofstream(root_ / "secret.yaml") << complete_example("");
  for (const char* app : {"../secret", "own/../../secret", "", ".", "/etc/passwd", "a\0b"})
    EXPECT_EQ(failure_of([&] { library().find(app); }).code(), Outcome::kNoPlaybook) << app;
}

TEST_F(LibraryTest, RefusesAFileThatIsForAnotherApp) {
  std::ofstream(root_ / "own" / "wiki.yaml") << complete_example("app: git\n");
  EXPECT_EQ(failure_of([&] { library().find("wiki"); }).code(), Outcome::kPlaybookInvalid);
}

TEST_F(LibraryTest, FindsWhatLiesBesideTheProgramWithoutAnySetting) {
  const PlaybookLibrary shipped(PlaybookLibrary::default_directories());
  EXPECT_EQ(shipped.find("redmine").app, "redmine");
}

TEST_F(LibraryTest, LoadsAnyFileByItsPath) {
  put("own", "wiki", "Ours");
  EXPECT_EQ(PlaybookLibrary::load(root_ / "own" / "wiki.yaml").app, "wiki");
  EXPECT_EQ(failure_of([&] { PlaybookLibrary::load(root_ / "none.yaml"); }).code(), Outcome::kNotFound);
}

TEST_F(LibraryTest, RefusesAFileTooLargeBeforeReadingIt) {
  std::ofstream(root_ / "own" / "big.yaml") << std::string(300UL * 1024, '#');
  EXPECT_EQ(failure_of([&] { PlaybookLibrary::load(root_ / "own" / "big.yaml"); }).code(), Outcome::kInvalidInput);
}

}  // namespace
}  // namespace totpilot::playbook

// Filling what is no code: texts, the password, files.
#include <array>
#include <filesystem>

#include "agent/flow/steps/steps.h"

namespace totpilot::flow::steps {
namespace {

/// The four names that a fill may use; the parser lets no other pass.
std::string expanded(std::string text, const FlowContext& context) {
  const std::array<std::pair<std::string_view, const std::string*>, 4> names = {
      {{"{account.username}", &context.account.username},
       {"{account.name}", &context.account.name},
       {"{account.base_url}", &context.account.base_url},
       {"{device_name}", &context.device_name}}};
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const auto* name = std::ranges::find_if(
        names, [&](const auto& one) { return std::string_view(text).substr(at).starts_with(one.first); });
    if (name == names.end()) {
      result.push_back(text[at++]);
    } else {
      result += *name->second;
      at += name->first.size();
    }
  }
  return result;
}

}  // namespace

task<StepResult> fill(Walk& walk, const playbook::Fill& action, StepTime time) {
  co_await walk.page().fill(action.into, expanded(action.value, walk.context), time.fresh());
  co_return StepResult{};
}

task<StepResult> fill_password(Walk& walk, const playbook::FillPassword& action, StepTime time) {
  const Deadline deadline = time.fresh();
  co_await walk.page().fill_secret(action.into.value_or(field(browser::FieldKind::kPassword)),
                                   walk.desk.password(deadline), deadline);
  co_return StepResult{};
}

task<StepResult> upload(Walk& walk, const playbook::Upload& action, StepTime time) {
  // A playbook may bring files of its own along, and reach no other.
  namespace fs = std::filesystem;
  const fs::path asked(action.file);
  const bool leaves =
      asked.is_absolute() || std::ranges::any_of(asked, [](const fs::path& part) { return part == ".."; });
  if (leaves) throw Failure(Outcome::kPlaybookInvalid, "upload takes a file beside the playbook, by a relative path");
  const fs::path file = fs::path(walk.playbook.file).parent_path() / asked;
  if (!fs::is_regular_file(fs::symlink_status(file)))
    throw Failure(Outcome::kNotFound, "there is no file " + file.string());
  co_await walk.page().upload(action.target, file.string(), time.fresh());
  co_return StepResult{};
}

}  // namespace totpilot::flow::steps

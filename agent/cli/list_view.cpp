#include "agent/cli/list_view.h"

#include "agent/cli/json_view.h"

namespace totpilot::cli {

using nlohmann::ordered_json;

namespace {

constexpr int kPage = 500;

}  // namespace

void show_list(Output& out, const ordered_json& answer, const char* name, std::vector<std::string> heading,
               const RowOf& row_of, std::string_view note_when_empty) {
  out.document(answer);
  std::vector<std::vector<std::string>> rows{std::move(heading)};
  for (const ordered_json& one : answer.at(name)) rows.push_back(row_of(one));
  if (rows.size() == 1 && !note_when_empty.empty()) return out.note(note_when_empty);
  out.table(rows);
}

std::vector<std::string> texts_at(const ordered_json& object, const char* name) {
  return object.value(name, std::vector<std::string>());
}

std::string moment_cell(const ordered_json& object, const char* name) { return or_dash(moment_at(object, name)); }

ordered_json all_accounts(Invocation& invocation, const std::string& tag) {
  ordered_json all = ordered_json::array();
  nlohmann::json page{{"limit", kPage}};
  if (!tag.empty()) page["tag"] = tag;
  for (;;) {
    ordered_json answer = invocation.perform("account.list", page);
    for (ordered_json& one : answer.at("accounts")) all.push_back(std::move(one));
    const std::string next = text_at(answer, "next");
    if (next.empty()) return all;
    page["after"] = next;
  }
}

ordered_json list_of_accounts(Invocation& invocation, std::string_view operation, const char* name,
                              const std::string& account) {
  if (!account.empty()) return invocation.perform(operation, {{"account", account}});
  ordered_json all = ordered_json::array();
  for (const ordered_json& one : all_accounts(invocation))
    for (ordered_json& found : invocation.perform(operation, {{"account", text_at(one, "id")}}).at(name))
      all.push_back(std::move(found));
  ordered_json answer;
  answer[name] = std::move(all);
  return answer;
}

}  // namespace totpilot::cli

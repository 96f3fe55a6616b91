#pragma once
// Answers of operations that are lists, for people.
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/cli/invocation.h"

namespace totpilot::cli {

/// How one thing of a list is told in a table.
using RowOf = std::function<std::vector<std::string>(const nlohmann::ordered_json& one)>;

/// Shows the list that `answer` has under this name: the document, and a table for people. Where it is empty they get
/// the note instead, if there is one.
void show_list(Output& out, const nlohmann::ordered_json& answer, const char* name, std::vector<std::string> heading,
               const RowOf& row_of, std::string_view note_when_empty = {});

/// The texts of a member; none where it is not there.
std::vector<std::string> texts_at(const nlohmann::ordered_json& object, const char* name);
/// A time as a cell of a table: "-" where there is none.
std::string moment_cell(const nlohmann::ordered_json& object, const char* name);

/// All accounts, or those with the tag, in however many pages they come.
nlohmann::ordered_json all_accounts(Invocation& invocation, const std::string& tag = {});
/// What an operation lists of one account; of each of all accounts when it is empty.
nlohmann::ordered_json list_of_accounts(Invocation& invocation, std::string_view operation, const char* name,
                                        const std::string& account);

}  // namespace totpilot::cli

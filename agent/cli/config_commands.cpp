#include <CLI/CLI.hpp>

#include "agent/cli/command.h"
#include "agent/services/settings.h"

namespace totpilot::cli {

void add_config_commands(CommandTree& tree) {
  CLI::App& group =
      tree.add_group({.name = "config", .summary = "the settings that hold", .details = {}, .examples = {}});
  auto origin = std::make_shared<bool>(false);
  CLI::App& show = tree.add(
      group,
      {.name = "show",
       .summary = "show every setting; with --origin, where its value comes from",
       .details = "Flags win over TOTPILOT_* variables, these over the file, the file over the defaults.",
       .examples = {"totpilot config show --origin", "TOTPILOT_TIMEOUTS_FLOW=10m totpilot config show --origin"}},
      [origin](Invocation& invocation) {
        const auto& loaded = invocation.config();
        Output& out = invocation.out();
        out.document(services::to_json(loaded));
        std::vector<std::vector<std::string>> rows;
        rows.push_back(*origin ? std::vector<std::string>{"KEY", "VALUE", "FROM"}
                               : std::vector<std::string>{"KEY", "VALUE"});
        for (const auto& one : loaded.shown)
          rows.push_back(*origin ? std::vector<std::string>{one.key, printable(one.value), one.origin}
                                 : std::vector<std::string>{one.key, printable(one.value)});
        out.table(rows);
        return 0;
      });
  show.add_flag("--origin", *origin, "with the place each value comes from");
}

}  // namespace totpilot::cli

#include "agent/services/settings.h"

namespace totpilot::services {

nlohmann::ordered_json to_json(const config::Loaded& loaded) {
  nlohmann::ordered_json settings = nlohmann::ordered_json::array();
  for (const auto& one : loaded.shown)
    settings.push_back({{"key", one.key}, {"value", one.value}, {"origin", one.origin}, {"doc", one.doc}});
  return {{"file", loaded.file ? nlohmann::ordered_json(loaded.file->string()) : nlohmann::ordered_json()},
          {"settings", std::move(settings)}};
}

}  // namespace totpilot::services

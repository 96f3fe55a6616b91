#include "drivers/chrome/storage_state.h"

#include "agent/base/log.h"
#include "agent/base/origin.h"
#include "drivers/cdp/bounded_json.h"
#include "drivers/cdp/document.h"
#include "drivers/cdp/fetch.h"
#include "drivers/cdp/runtime.h"
#include "drivers/cdp/storage.h"
#include "drivers/cdp/target.h"
#include "drivers/chrome/cookies.h"
#include "drivers/page/injected.h"

namespace totpilot::chrome {
namespace {

using nlohmann::json;

// What a browser keeps for one person; more is not a storage state of ours.
constexpr std::size_t kMaxDepthOfState = 128;

cdp::runtime::Function read_function() {
  return {.declaration = page::injected::kReadStorage,
          .arguments = json::array(),
          .sensitivity = cdp::Sensitivity::kSecret};
}

/// Shows empty documents of any origin without a request leaving the browser.
class EmptyDocuments {
 public:
  explicit EmptyDocuments(std::shared_ptr<cdp::Session> session)
      : session_(std::move(session)),
        paused_(cdp::fetch::on_paused(*session_, [session = session_.get()](const cdp::fetch::Paused& request) {
          cdp::fetch::answer_empty(*session, request.request_id);
        })) {}
  ~EmptyDocuments() { cdp::fetch::disable(*session_); }
  EmptyDocuments(const EmptyDocuments&) = delete;
  EmptyDocuments& operator=(const EmptyDocuments&) = delete;

  task<void> start(Deadline deadline) {
    co_await cdp::fetch::enable(*session_, {"*"}, cdp::fetch::Authentication::kLeave, deadline);
  }

  task<void> show(std::string origin, Deadline deadline) {
    const auto navigation = co_await cdp::document::navigate(*session_, origin + "/", deadline);
    if (!navigation.error.empty()) throw Failure(Outcome::kBrowserLost, "the browser shows no document of " + origin);
  }

 private:
  std::shared_ptr<cdp::Session> session_;
  cdp::Subscription paused_;
};

bool has_entries(const json& kept, const char* name) {
  const auto found = kept.find(name);
  return found != kept.end() && found->is_array() && !found->empty();
}

/// Moves what one origin keeps to its places in the state.
void add_origin(json& state, const std::string& origin, json kept) {
  if (!kept.is_object() || cdp::text_or(kept, "origin") != origin) return;
  if (has_entries(kept, "localStorage") || has_entries(kept, "indexedDB")) {
    json entry = {{"origin", origin}, {"localStorage", std::move(kept["localStorage"])}};
    if (has_entries(kept, "indexedDB")) entry["indexedDB"] = std::move(kept["indexedDB"]);
    state["origins"].push_back(std::move(entry));
  }
  if (has_entries(kept, "sessionStorage")) {
    state["sessionStorage"].push_back({{"origin", origin}, {"sessionStorage", std::move(kept["sessionStorage"])}});
  }
}

/// Of a document on a page; nothing when it went away meanwhile.
task<std::optional<json>> read_live(VisitedOrigins::Document document, Deadline deadline) {
  try {
    co_return co_await cdp::runtime::call(*document.session, document.context, read_function(), deadline);
  } catch (const cdp::ProtocolError&) {
    co_return std::nullopt;
  } catch (const cdp::runtime::ScriptError&) {
    co_return std::nullopt;
  }
}

task<void> add_from_spare_page(json& state, const StorageSource& source, const std::vector<std::string>& origins,
                               Deadline deadline) {
  const auto page = co_await source.spare_page(deadline);
  EmptyDocuments documents(page);
  cdp::fetch::bypass_service_workers(*page);
  cdp::runtime::run_if_waiting_for_debugger(*page);
  co_await documents.start(deadline);
  for (const std::string& origin : origins) {
    try {
      co_await documents.show(origin, deadline);
      add_origin(state, origin, co_await cdp::runtime::call_in_document(*page, read_function(), deadline));
    } catch (const cdp::runtime::ScriptError&) {
      log::warn("the storage of {} cannot be read", origin);
    }
  }
  co_await cdp::target::close_page(*source.browser, page->target_id(), deadline);
}

Secret to_secret(json& state) {
  Secret text(state.dump(2, ' ', false, json::error_handler_t::replace));
  cdp::wipe_strings(state);
  return text;
}

json read_state(const Secret& text) {
  auto state = cdp::read_json(text.reveal(), kMaxDepthOfState);
  if (!state) throw Failure(Outcome::kInvalidInput, "the storage state is " + state.error());
  const auto is_list = [&](const char* name) { return !state->contains(name) || (*state)[name].is_array(); };
  if (!state->is_object() || !is_list("cookies") || !is_list("origins") || !is_list("sessionStorage")) {
    throw Failure(Outcome::kInvalidInput, "the storage state is not of Playwright's shape",
                  "expected {cookies: [...], origins: [...]}");
  }
  return std::move(*state);
}

/// What goes to each origin, by origin.
std::map<std::string, json> by_origin(json& state) {
  std::map<std::string, json> origins;
  for (const char* list : {"origins", "sessionStorage"}) {
    for (json& entry : state[list]) {
      const auto origin = Origin::parse(entry.is_object() ? cdp::text_or(entry, "origin") : "");
      if (!origin)
        throw Failure(Outcome::kInvalidInput,
                      std::string("an entry of the storage state's ") + list + " has no origin");
      json& kept = origins[origin->text()];
      for (const char* part : {"localStorage", "indexedDB", "sessionStorage"}) {
        if (has_entries(entry, part)) kept[part] = std::move(entry[part]);
      }
      kept["origin"] = origin->text();
    }
  }
  return origins;
}

}  // namespace

task<Secret> export_storage_state(StorageSource source, Deadline deadline) {
  auto coming = cdp::storage::get_cookies(*source.browser, source.context, deadline);
  json state = {{"cookies", json::array()}, {"origins", json::array()}, {"sessionStorage", json::array()}};
  std::vector<std::string> elsewhere;
  for (const std::string& origin : std::set<std::string>(source.origins.all())) {
    std::optional<json> kept;
    if (auto document = source.origins.live(origin)) kept = co_await read_live(std::move(*document), deadline);
    if (kept) {
      add_origin(state, origin, std::move(*kept));
    } else {
      elsewhere.push_back(origin);
    }
  }
  json cookies = co_await std::move(coming);
  for (const json& cookie : cookies) state["cookies"].push_back(cookie_for_export(cookie));
  cdp::wipe_strings(cookies);
  if (!elsewhere.empty()) co_await add_from_spare_page(state, source, elsewhere, deadline);
  co_return to_secret(state);
}

task<void> import_storage_state(std::shared_ptr<cdp::Session> browser, std::string context,
                                std::shared_ptr<cdp::Session> page, Secret text, Deadline deadline) {
  json state = read_state(text);
  json cookies = json::array();
  for (const json& cookie : state["cookies"]) cookies.push_back(cookie_for_import(cookie));
  auto origins = by_origin(state);
  try {
    co_await cdp::storage::set_cookies(*browser, context, std::move(cookies), deadline);
  } catch (const cdp::ProtocolError&) {
    throw Failure(Outcome::kInvalidInput, "the browser refuses a cookie of the storage state");
  }
  cdp::wipe_strings(state);
  if (origins.empty()) co_return;
  EmptyDocuments documents(page);
  co_await documents.start(deadline);
  for (auto& [origin, kept] : origins) {
    co_await documents.show(origin, deadline);
    try {
      co_await cdp::runtime::call_in_document(*page,
                                              {.declaration = page::injected::kWriteStorage,
                                               .arguments = json::array({std::move(kept)}),
                                               .sensitivity = cdp::Sensitivity::kSecret},
                                              deadline);
    } catch (const cdp::runtime::ScriptError&) {
      throw Failure(Outcome::kInvalidInput, "the storage of " + origin + " cannot be put back");
    }
  }
}

}  // namespace totpilot::chrome

#include "drivers/cdp/storage.h"

namespace totpilot::cdp::storage {

using nlohmann::json;

task<json> get_cookies(Session& browser, const std::string& context, Deadline deadline) {
  return read_reply(browser.call("Storage.getCookies", {{"browserContextId", context}}, deadline, Sensitivity::kSecret),
                    [](json reply) {
                      member_of(reply, "cookies");
                      return std::move(reply["cookies"]);
                    });
}

task<void> set_cookies(Session& browser, const std::string& context, json cookies, Deadline deadline) {
  return no_result(browser.call("Storage.setCookies", {{"cookies", std::move(cookies)}, {"browserContextId", context}},
                                deadline, Sensitivity::kSecret));
}

}  // namespace totpilot::cdp::storage

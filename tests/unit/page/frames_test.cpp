// What documents report by the binding; without a browser.
#include "drivers/page/frames.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "drivers/cdp/connection.h"
#include "tests/unit/cdp/scripted_peer.h"

namespace totpilot::page {
namespace {

TEST(Reports, OfANewDocumentAreKeptHoweverItCounts) {
  boost::asio::io_context context;
  boost::asio::thread_pool pool(1);
  tests::ScriptedPeer peer(context.get_executor());
  cdp::Connection connection(context.get_executor(), pool, peer.transport());
  peer.attach("S", "target");
  context.poll();
  const auto frames = std::make_shared<Frames>(connection.session("S"));
  frames->start();

  for (int click = 100; click > 0; --click) {
    const nlohmann::json report = {{"click", click}, {"landed", true}, {"why", ""}};
    peer.event("Runtime.bindingCalled", {{"name", "totpilotReport"}, {"payload", report.dump()}}, "S");
    context.restart();
    context.poll();

    EXPECT_TRUE(frames->click_report(click).landed) << click;
  }
  EXPECT_FALSE(frames->click_report(100).landed);
}

}  // namespace
}  // namespace totpilot::page

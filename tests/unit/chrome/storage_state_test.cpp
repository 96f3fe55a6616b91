#include "drivers/chrome/storage_state.h"

#include "drivers/chrome/cookies.h"
#include "tests/unit/chrome/session_fixture.h"

namespace totpilot::chrome {
namespace {

using nlohmann::json;

TEST(Cookies, BecomeWhatPlaywrightReadsAndComeBack) {
  const json chrome = {{"name", "sid"},
                       {"value", "v"},
                       {"domain", ".app.example"},
                       {"path", "/x"},
                       {"expires", 1893456000.5},
                       {"httpOnly", true},
                       {"secure", true},
                       {"session", false},
                       {"size", 4},
                       {"sameSite", "None"},
                       {"priority", "High"},
                       {"sourcePort", 443},
                       {"partitionKey", {{"topLevelSite", "https://top.example"}, {"hasCrossSiteAncestor", true}}}};
  const json playwright = {{"name", "sid"},
                           {"value", "v"},
                           {"domain", ".app.example"},
                           {"path", "/x"},
                           {"expires", 1893456000.5},
                           {"httpOnly", true},
                           {"secure", true},
                           {"sameSite", "None"},
                           {"partitionKey", "https://top.example"},
                           {"_crHasCrossSiteAncestor", true}};

  EXPECT_EQ(cookie_for_export(chrome), playwright);
  const json back = cookie_for_import(playwright);
  EXPECT_EQ(back["partitionKey"], chrome["partitionKey"]);
  EXPECT_EQ(back["expires"], 1893456000.5);
}

TEST(Cookies, OfASessionHaveNoExpiryWhenTheyComeBack) {
  const json cookie = cookie_for_export(
      {{"name", "a"}, {"value", "b"}, {"domain", "d"}, {"path", "/"}, {"expires", -1}, {"session", true}});

  EXPECT_EQ(cookie["expires"], -1);
  EXPECT_EQ(cookie["sameSite"], "Lax");
  EXPECT_FALSE(cookie_for_import(cookie).contains("expires"));
}

struct StorageStateTest : tests::SessionTest {
  StorageStateTest() {
    site.handle("/", [](const auto&, auto& response) {
      response.headers["Set-Cookie"] = "sid=secret-cookie; Path=/; HttpOnly; SameSite=Lax";
      response.body = "<title>home</title>";
    });
    site.page("/other", "<title>other</title>");
    site.page("/blank", "");
  }

  // Everything a site can keep, in the shapes that JSON has no words for too.
  static constexpr const char* kFill = R"((async () => {
    localStorage.setItem('token', 'secret-token'); localStorage.setItem('key of', 'Object.prototype'); sessionStorage.setItem('tab', 'secret-tab');
    const request = indexedDB.open('auth', 3);
    request.onupgradeneeded = () => {
      const users = request.result.createObjectStore('users', { keyPath: 'id' });
      users.createIndex('mail', 'mail', { unique: true });
      request.result.createObjectStore('odd');
    };
    const db = await new Promise((done) => { request.onsuccess = () => done(request.result); });
    const change = db.transaction(['users', 'odd'], 'readwrite');
    change.objectStore('users').put({ id: 7, mail: 'a@b', nested: [1, { x: null }] });
    const loop = { at: new Date(5), bytes: new Uint8Array([1, 2, 255]), big: 5n, re: /a+/gi, none: undefined, nan: NaN };
    loop.self = loop;
    change.objectStore('odd').put(loop, ['array', 'key']);
    change.objectStore('odd').put('plain', new Date(9));
    await new Promise((done) => { change.oncomplete = done; });
    db.close();
  })())";
  static constexpr const char* kCheck = R"((async () => {
    const request = indexedDB.open('auth');
    const db = await new Promise((done) => { request.onsuccess = () => done(request.result); });
    const read = (r) => new Promise((done) => { r.onsuccess = () => done(r.result); });
    const at = db.transaction(['users', 'odd']);
    const user = await read(at.objectStore('users').index('mail').get('a@b'));
    const loop = await read(at.objectStore('odd').get(['array', 'key']));
    const plain = await read(at.objectStore('odd').get(new Date(9)));
    return { version: db.version, local: { ...localStorage }, tab: sessionStorage.getItem('tab'), user, plain,
             loop: [loop.self === loop, loop.at.getTime(), [...loop.bytes], String(loop.big), String(loop.re), 'none' in loop, Number.isNaN(loop.nan)] };
  })())";
  const json expected = {
      {"version", 3},        {"local", {{"token", "secret-token"}, {"key of", "Object.prototype"}}},
      {"tab", "secret-tab"}, {"user", {{"id", 7}, {"mail", "a@b"}, {"nested", {1, {{"x", nullptr}}}}}},
      {"plain", "plain"},    {"loop", {true, 5, {1, 2, 255}, "5", "/a+/gi", true, true}}};
};

TEST_F(StorageStateTest, CarriesAllThatASiteKeepsIntoANewBrowser) {
  const auto first = lease();
  open(first, site.origin() + "/");
  eval(first, kFill);

  const Secret state = run(first->export_state(soon()));
  const auto second = lease();
  run(second->import_state(state, soon()));
  open(second, site.origin() + "/blank");

  EXPECT_EQ(eval(second, kCheck), expected);
  EXPECT_EQ(site.header("/blank", "Cookie"), "sid=secret-cookie");
}

TEST_F(StorageStateTest, FetchesWhatOriginsKeepThatAreOnNoPageAnyMoreWithoutARequest) {
  const auto first = lease();
  open(first, site.origin() + "/");
  eval(first, kFill);
  open(first, site.origin("localhost") + "/other");
  eval(first, "localStorage.setItem('there', 'yes')");
  const int before = site.requests("/");

  const json state = json::parse(run(first->export_state(soon())).reveal());

  ASSERT_EQ(state["origins"].size(), 2U);
  EXPECT_EQ(state["origins"][0]["origin"], site.origin("localhost"));
  EXPECT_EQ(state["origins"][1]["origin"], site.origin());
  EXPECT_EQ(state["origins"][1]["indexedDB"][0]["name"], "auth");
  EXPECT_EQ(site.requests("/"), before);
  EXPECT_EQ(eval(first, "document.title"), "other");
}

TEST_F(StorageStateTest, HasPlaywrightsShape) {
  const auto session = lease();
  open(session, site.origin() + "/");
  eval(session, "localStorage.setItem('token', 'x')");

  const json state = json::parse(run(session->export_state(soon())).reveal());

  EXPECT_EQ(state["cookies"], json::array({{{"name", "sid"},
                                            {"value", "secret-cookie"},
                                            {"domain", "127.0.0.1"},
                                            {"path", "/"},
                                            {"expires", -1},
                                            {"httpOnly", true},
                                            {"secure", false},
                                            {"sameSite", "Lax"}}}));
  EXPECT_EQ(
      state["origins"],
      json::array({{{"origin", site.origin()}, {"localStorage", json::array({{{"name", "token"}, {"value", "x"}}})}}}));
}

TEST_F(StorageStateTest, OfAnUntouchedSessionIsEmpty) {
  const auto session = lease();

  EXPECT_EQ(json::parse(run(session->export_state(soon())).reveal()),
            json::parse(R"({"cookies":[],"origins":[],"sessionStorage":[]})"));
}

TEST_F(StorageStateTest, IsRefusedWhenItIsNoneAndTheMessageQuotesNothing) {
  const auto session = lease();
  for (const char* text : {"hunter2", "[]", R"({"cookies":"hunter2"})", R"({"cookies":["hunter2"]})",
                           R"({"cookies":[{"name":"hunter2"}]})", R"({"origins":[{"origin":"hunter2"}]})",
                           R"({"cookies":[{"name":"a","value":"hunter2","domain":"","path":"/"}]})"}) {
    try {
      run(session->import_state(Secret::copy_of(std::string_view(text)), soon()));
      ADD_FAILURE() << "taken: " << text;
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), Outcome::kInvalidInput) << text;
      EXPECT_EQ(failure.message().find("hunter2"), std::string::npos) << failure.message();
    }
  }
}

}  // namespace
}  // namespace totpilot::chrome

#pragma once
// The page scripts, bundled from injected/*.ts by build.mjs (cmake/injected.cmake) and embedded. Their README:
// injected/README.md.
#include <string_view>

namespace totpilot::page::injected {

/// Evaluated in our isolated world at the start of every document; leaves `totpilot` there.
extern const std::string_view kWorldScript;

// Function declarations for Runtime.callFunctionOn, see injected/calls.ts.
extern const std::string_view kRun;          // (verb, request) in our world
extern const std::string_view kElement;      // (handle) in our world: the element itself
extern const std::string_view kAdoptRoot;    // this: a closed shadow root, in our world
extern const std::string_view kTrapHandout;  // (kind, milliseconds) in the page's own world

// The same, see injected/storage.ts; in any world of a document of the origin.
extern const std::string_view kReadStorage;   // () -> {origin, localStorage, sessionStorage, indexedDB}
extern const std::string_view kWriteStorage;  // (the same)

}  // namespace totpilot::page::injected

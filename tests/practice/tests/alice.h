#pragma once
// The user of the practice site's own tests, and where she goes.
namespace totpilot::practice {

inline constexpr const char* kUser = "alice";
inline constexpr const char* kPassword = "correct horse battery";
inline constexpr const char* kEnroll = "/account/security/enroll";

}  // namespace totpilot::practice

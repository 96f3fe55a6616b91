#pragma once
// Sessions: who is signed in behind which cookie. Not thread-safe: its owner holds a lock.
#include <map>
#include <string>
#include <vector>

namespace totpilot::practice {

struct Session {
  std::string id;
  std::string token;  // against forged forms
  std::string user;   // the password was right (or, identifier first, the name is known); see signed_in
  bool password_passed = false;
  bool mailed_code_asked = false;
  bool signed_in = false;
  bool passed_mfa = false;
  bool password_confirmed = false;                 // asked for again, and right
  bool at_gate = false;                            // the recovery codes were made and are not yet said to be saved
  std::vector<std::string> unseen_recovery_codes;  // emptied by the first page that shows them
};

class Sessions {
 public:
  /// The session of a cookie's value, or a new one that nobody is signed in to.
  Session& find_or_make(const std::string& id);
  /// The same session under a new id, as is proper when somebody signs in.
  Session& renew(Session& session);
  void end(const Session& session);
  const std::map<std::string, Session>& all() const { return sessions_; }

 private:
  std::map<std::string, Session> sessions_;
};

}  // namespace totpilot::practice

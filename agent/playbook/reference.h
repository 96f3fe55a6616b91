#pragma once
// What is generated from the language's tables: the JSON Schema for editors and the reference for people. Tests hold
// the files in playbooks/ to these texts; `ninja playbook-docs` writes them.
#include <string>

namespace totpilot::playbook {

/// playbooks/schema/playbook.schema.json (draft 2020-12).
std::string schema_text();
/// playbooks/README.md.
std::string reference_text();

}  // namespace totpilot::playbook

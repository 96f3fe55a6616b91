#include "agent/vault/secret_file.h"

#include "agent/base/failure.h"
#include "agent/base/file.h"

namespace totpilot::vault {

Secret read_private_secret(const std::filesystem::path& file) {
  require_private_file(file);
  // A pipe would keep us waiting for its other end.
  if (!std::filesystem::is_regular_file(file))
    throw Failure(Outcome::kInvalidInput, file.string() + ": is not an ordinary file");
  return read_secret_file(file, kLargestSecretFile);
}

}  // namespace totpilot::vault

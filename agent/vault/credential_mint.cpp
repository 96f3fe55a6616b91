#include "agent/vault/credential_mint.h"

#include <fmt/format.h>

#include "agent/base/failure.h"
#include "agent/vault/password_command.h"
#include "agent/vault/secret_file.h"

namespace totpilot::vault {
namespace {

constexpr std::size_t kLongestPassword = 1024;
constexpr std::size_t kLongestAnswer = 256;

Secret without_line_end(Secret text) {
  std::string_view line = text.reveal();
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line.size() == text.size() ? std::move(text) : Secret::copy_of(line);
}

}  // namespace

bool has_password(const store::AccountRow& account) {
  return !account.sealed_password.empty() || !account.password_file.empty() || !account.password_command.empty();
}

std::vector<Origin> pins_of(const store::AccountRow& account) {
  std::vector<Origin> pins;
  for (const std::string& text : account.origins) {
    auto origin = Origin::parse(text);
    if (!origin)
      throw Failure(Outcome::kInvalidInput,
                    fmt::format("the account {} has a pinned origin that is none: {}", account.name, origin.error()));
    if (origin->transport() == Transport::kPlain && !account.insecure_http)
      throw Failure(Outcome::kOriginBlocked,
                    fmt::format("the origin {} of {} is not encrypted", origin->text(), account.name),
                    "use https, or say that plain http is meant: totpilot account set ACCOUNT --insecure-http");
    pins.push_back(std::move(*origin));
  }
  if (pins.empty())
    throw Failure(Outcome::kInvalidInput, fmt::format("the account {} has no pinned origin", account.name));
  return pins;
}

browser::BoundSecret CredentialMint::password_for(const store::AccountRow& account, Deadline deadline) const {
  std::vector<Origin> pins = pins_of(account);
  Secret password = resolve(account, deadline);
  if (password.empty()) throw Failure(Outcome::kInvalidInput, fmt::format("the password of {} is empty", account.name));
  if (password.size() > kLongestPassword)
    throw Failure(Outcome::kInvalidInput,
                  fmt::format("the password of {} is longer than {} bytes", account.name, kLongestPassword));
  return {browser::SecretKind::kPassword, std::move(password), std::move(pins)};
}

browser::BoundSecret CredentialMint::answer_for(const store::AccountRow& account, Secret answer) const {
  if (answer.empty() || answer.size() > kLongestAnswer)
    throw Failure(Outcome::kInvalidInput,
                  fmt::format("the answer for {} is empty or longer than {} bytes", account.name, kLongestAnswer));
  return {browser::SecretKind::kCode, std::move(answer), pins_of(account)};
}

Secret CredentialMint::resolve(const store::AccountRow& account, Deadline deadline) const {
  if (!account.sealed_password.empty()) return vault_.unseal(password_context(account.id), account.sealed_password);
  if (!account.password_file.empty()) return without_line_end(read_private_secret(account.password_file));
  if (!account.password_command.empty()) return run_password_command(account.password_command, deadline);
  throw Failure(Outcome::kNeedsInput, fmt::format("the account {} has no password", account.name),
                fmt::format("totpilot account set {} --password-stdin", account.name));
}

}  // namespace totpilot::vault

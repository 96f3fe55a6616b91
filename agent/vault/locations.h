#pragma once
// Locations: the three directories of a vault. The key never lies where the state is; the escrow copies lie beside the
// key.
#include <filesystem>

namespace totpilot::vault {

struct Locations {
  std::filesystem::path state_directory;   // /var/lib/totpilot
  std::filesystem::path key_directory;     // /etc/totpilot/keys
  std::filesystem::path escrow_directory;  // /etc/totpilot/escrow; empty: "escrow" beside key_directory

  std::filesystem::path key_file() const { return key_directory / "vault.key"; }
  std::filesystem::path escrow() const {
    return escrow_directory.empty() ? key_directory.parent_path() / "escrow" : escrow_directory;
  }
};

/// Throws invalid_input when one directory is, or lies in, another of them (links resolved).
void require_apart(const Locations& locations);

}  // namespace totpilot::vault

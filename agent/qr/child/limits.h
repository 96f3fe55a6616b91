#pragma once
// Limits: what this process may use and do, from its first line on. Part of totpilot-qr; Linux.

namespace totpilot::qr::child {

/// 2 s of CPU, 512 MiB of address space, no cores, no new privileges, no file descriptors but 0 to 2. False when the
/// kernel refuses one.
bool limit_resources();

/// From now on only memory, reading and writing open files, and ending: everything else kills the process. False where
/// the kernel has no filters.
bool forbid_system_calls();

}  // namespace totpilot::qr::child

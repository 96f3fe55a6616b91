#include "agent/qr/child/limits.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstddef>

namespace totpilot::qr::child {
namespace {

constexpr rlim_t kCpuSeconds = 2;
constexpr rlim_t kAddressSpace = 512ULL << 20U;

#if defined(__x86_64__)
constexpr unsigned kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr unsigned kArchitecture = AUDIT_ARCH_AARCH64;
#endif

bool limit(int resource, rlim_t soft, rlim_t hard) {
  const rlimit value{soft, hard};
  return setrlimit(static_cast<__rlimit_resource>(resource), &value) == 0;
}

constexpr std::array kAllowed = {
    __NR_read,   __NR_write,   __NR_exit_group, __NR_exit,         __NR_brk,           __NR_mmap,      __NR_munmap,
    __NR_mremap, __NR_madvise, __NR_futex,      __NR_rt_sigreturn, __NR_clock_gettime, __NR_getrandom,
};

}  // namespace

bool limit_resources() {
  bool done = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
  // SIGXCPU at the soft limit, SIGKILL a second later.
  done = limit(RLIMIT_CPU, kCpuSeconds, kCpuSeconds + 1) && done;
  done = limit(RLIMIT_AS, kAddressSpace, kAddressSpace) && done;
  done = limit(RLIMIT_CORE, 0, 0) && done;
  // The picture may hold a secret: no core, no ptrace by others of our user.
  done = prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && done;
  done = close_range(3, ~0U, 0) == 0 && done;
  return done;
}

bool forbid_system_calls() {
  constexpr std::size_t kHead = 4;
  std::array<sock_filter, kHead + kAllowed.size() + 2> program{};
  program[0] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch));
  program[1] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0);
  program[2] = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
  program[3] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr));
  for (std::size_t i = 0; i < kAllowed.size(); ++i) {
    const auto to_allow = static_cast<unsigned char>(kAllowed.size() - i);
    program[kHead + i] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(kAllowed[i]), to_allow, 0);
  }
  program[kHead + kAllowed.size()] = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
  program[kHead + kAllowed.size() + 1] = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0;
}

}  // namespace totpilot::qr::child

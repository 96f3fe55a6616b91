#include "tests/unit/store/faulty_disk.h"

#include <sqlite3.h>

#include <cstring>
#include <mutex>
#include <new>
#include <string_view>

namespace totpilot::store {
namespace {

struct Plan {
  int countdown = -1;
  std::string suffix;
  bool for_ever = false;

  bool strikes(std::string_view name) {
    if (countdown < 0 || !name.ends_with(suffix)) return false;
    if (countdown > 0) {
      --countdown;
      return false;
    }
    if (!for_ever) countdown = -1;
    return true;
  }
};

struct State {
  std::mutex mutex;
  Plan sync;
  Plan write;
  bool failed = false;
};
State& state() {
  static State instance;
  return instance;
}

// The real file lies right behind ours, as SQLite's own shims do it.
struct File {
  sqlite3_file base;
  const char* name;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
File* ours(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
sqlite3_file* real(sqlite3_file* file) { return ours(file)->real(); }
std::string_view name_of(sqlite3_file* file) { return ours(file)->name == nullptr ? "" : ours(file)->name; }

sqlite3_vfs* real_vfs = nullptr;

int sync(sqlite3_file* file, int flags) {
  const std::lock_guard lock(state().mutex);
  if (state().sync.strikes(name_of(file))) {
    state().failed = true;
    return SQLITE_IOERR_FSYNC;
  }
  return real(file)->pMethods->xSync(real(file), flags);
}

int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  const std::lock_guard lock(state().mutex);
  if (state().write.strikes(name_of(file))) {
    state().failed = true;
    return SQLITE_FULL;
  }
  return real(file)->pMethods->xWrite(real(file), data, size, offset);
}

const sqlite3_io_methods kMethods = {
    3,
    [](sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); },
    [](sqlite3_file* f, void* data, int size, sqlite3_int64 at) {
      return real(f)->pMethods->xRead(real(f), data, size, at);
    },
    write,
    [](sqlite3_file* f, sqlite3_int64 size) { return real(f)->pMethods->xTruncate(real(f), size); },
    sync,
    [](sqlite3_file* f, sqlite3_int64* size) { return real(f)->pMethods->xFileSize(real(f), size); },
    [](sqlite3_file* f, int level) { return real(f)->pMethods->xLock(real(f), level); },
    [](sqlite3_file* f, int level) { return real(f)->pMethods->xUnlock(real(f), level); },
    [](sqlite3_file* f, int* out) { return real(f)->pMethods->xCheckReservedLock(real(f), out); },
    [](sqlite3_file* f, int op, void* argument) { return real(f)->pMethods->xFileControl(real(f), op, argument); },
    [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); },
    [](sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); },
    [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
      return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
    },
    [](sqlite3_file* f, int offset, int n, int flags) {
      return real(f)->pMethods->xShmLock(real(f), offset, n, flags);
    },
    [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); },
    [](sqlite3_file* f, int remove) { return real(f)->pMethods->xShmUnmap(real(f), remove); },
    [](sqlite3_file* f, sqlite3_int64 at, int n, void** out) { return real(f)->pMethods->xFetch(real(f), at, n, out); },
    [](sqlite3_file* f, sqlite3_int64 at, void* p) { return real(f)->pMethods->xUnfetch(real(f), at, p); },
};

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  ours(file)->name = name;
  const int result = real_vfs->xOpen(real_vfs, name, real(file), flags, out_flags);
  file->pMethods = real(file)->pMethods == nullptr ? nullptr : &kMethods;
  return result;
}

sqlite3_vfs our_vfs;

}  // namespace

FaultyDisk::FaultyDisk() {
  real_vfs = sqlite3_vfs_find("unix");
  our_vfs = *real_vfs;
  our_vfs.zName = "faulty";
  our_vfs.szOsFile = static_cast<int>(sizeof(File)) + real_vfs->szOsFile;
  our_vfs.xOpen = open;
  sqlite3_vfs_register(&our_vfs, 1);
}

FaultyDisk::~FaultyDisk() {
  heal();
  sqlite3_vfs_unregister(&our_vfs);
  sqlite3_vfs_register(real_vfs, 1);
}

void FaultyDisk::fail_sync(int nth, std::string suffix, bool for_ever) {
  const std::lock_guard lock(state().mutex);
  state().sync = {nth, std::move(suffix), for_ever};
  state().failed = false;
}

void FaultyDisk::fail_write(int nth, std::string suffix, bool for_ever) {
  const std::lock_guard lock(state().mutex);
  state().write = {nth, std::move(suffix), for_ever};
  state().failed = false;
}

void FaultyDisk::heal() {
  const std::lock_guard lock(state().mutex);
  state().sync = {};
  state().write = {};
}

bool FaultyDisk::failed() const {
  const std::lock_guard lock(state().mutex);
  return state().failed;
}

}  // namespace totpilot::store

#include "tests/unit/cdp/freed_memory.h"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

namespace totpilot::tests {
namespace {

std::atomic<const std::string*> wanted = nullptr;
std::atomic<std::size_t> found = 0;

void give_back(void* block) {
  const std::string* text = wanted;
  if (block != nullptr && text != nullptr &&
      ::memmem(block, ::malloc_usable_size(block), text->data(), text->size()) != nullptr)
    ++found;
  std::free(block);
}

}  // namespace

FreedMemory::FreedMemory(std::string text) : text_(std::move(text)) {
  found = 0;
  wanted = &text_;
}
FreedMemory::~FreedMemory() { wanted = nullptr; }
std::size_t FreedMemory::holding() const { return found; }

}  // namespace totpilot::tests

void* operator new(std::size_t size) {
  if (void* block = std::malloc(size == 0 ? 1 : size)) return block;
  throw std::bad_alloc();
}
void operator delete(void* block) noexcept { totpilot::tests::give_back(block); }
void operator delete(void* block, std::size_t) noexcept { totpilot::tests::give_back(block); }

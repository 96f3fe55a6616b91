#pragma once
// FreedMemory: whether a text still stood in memory that was given back while this lived. Works by the program's own
// operator delete (freed_memory.cpp). One at a time.
#include <cstddef>
#include <string>

namespace totpilot::tests {

class FreedMemory {
 public:
  explicit FreedMemory(std::string text);
  ~FreedMemory();
  FreedMemory(const FreedMemory&) = delete;
  FreedMemory& operator=(const FreedMemory&) = delete;

  /// How many freed blocks held the text.
  std::size_t holding() const;

 private:
  std::string text_;
};

}  // namespace totpilot::tests

#pragma once
// Wiped: memory that is overwritten when it is given back, for what clients send: a body may hold a password.
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstring>
#include <memory>
#include <string>

namespace totpilot::api {

template <class T>
class WipingAllocator {
 public:
  using value_type = T;
  WipingAllocator() = default;
  template <class U>
  explicit(false) WipingAllocator(const WipingAllocator<U>&) {}

  T* allocate(std::size_t count) { return std::allocator<T>().allocate(count); }
  void deallocate(T* memory, std::size_t count) {
    ::explicit_bzero(memory, count * sizeof(T));
    std::allocator<T>().deallocate(memory, count);
  }
  bool operator==(const WipingAllocator&) const = default;
};

using WipedString = std::basic_string<char, std::char_traits<char>, WipingAllocator<char>>;
using WipedBuffer = boost::beast::basic_flat_buffer<WipingAllocator<char>>;
using WipedBody = boost::beast::http::basic_string_body<char, std::char_traits<char>, WipingAllocator<char>>;

}  // namespace totpilot::api

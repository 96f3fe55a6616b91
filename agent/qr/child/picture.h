#pragma once
// Pictures as bytes of grey, and what is done to them before the decoder looks. Pure but for memory. Part of
// totpilot-qr; includes nothing of ours.
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace totpilot::qr::child {

inline constexpr int kLongestSide = 8192;
inline constexpr std::int64_t kMostPixels = 16LL << 20;
/// What the decoder may be given: its time grows faster than the picture.
inline constexpr std::int64_t kMostDecoderPixels = 1024LL * 1024;

/// One byte a pixel, 0 black, rows without gaps.
struct Grey {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> pixels;

  std::uint8_t at(int x, int y) const {
    return pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)];
  }
  std::uint8_t& at(int x, int y) {
    return pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)];
  }
};

/// A picture as it may be seen: over white, and over black too where it is transparent.
struct Picture {
  Grey over_white;
  std::vector<Grey> over_black;  // one, or none for an opaque picture
};

/// PNG or JPEG. Looks at the header first: larger than the limits above is refused before a pixel is decoded.
std::expected<Picture, std::string> read_picture(std::string_view bytes);

Grey inverted(const Grey& grey);
/// With a white border all around, which codes without a quiet zone need.
Grey with_border(const Grey& grey, int border);
/// Every pixel as a square of `factor`.
Grey enlarged(const Grey& grey, int factor);
/// By the mean of what each new pixel covers, to at most `pixels` in all; the same picture if it is no larger.
Grey reduced(const Grey& grey, std::int64_t pixels);
Grey cropped(const Grey& grey, int left, int top, int width, int height);

}  // namespace totpilot::qr::child

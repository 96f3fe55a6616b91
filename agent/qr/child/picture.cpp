#include "agent/qr/child/picture.h"

#include <algorithm>
#include <cmath>

#include "agent/qr/child/formats.h"

namespace totpilot::qr::child {
namespace {

constexpr std::uint8_t kWhite = 255;

Grey blank(int width, int height) {
  return {width, height,
          std::vector<std::uint8_t>(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), kWhite)};
}

}  // namespace

std::expected<Picture, std::string> read_picture(std::string_view bytes) {
  if (looks_like_png(bytes)) return read_png(bytes);
  if (looks_like_jpeg(bytes)) return read_jpeg(bytes);
  return std::unexpected("this is no PNG or JPEG picture");
}

Grey inverted(const Grey& grey) {
  Grey result = grey;
  for (std::uint8_t& pixel : result.pixels) pixel = static_cast<std::uint8_t>(kWhite - pixel);
  return result;
}

Grey with_border(const Grey& grey, int border) {
  Grey result = blank(grey.width + 2 * border, grey.height + 2 * border);
  for (int y = 0; y < grey.height; ++y) {
    for (int x = 0; x < grey.width; ++x) result.at(x + border, y + border) = grey.at(x, y);
  }
  return result;
}

Grey enlarged(const Grey& grey, int factor) {
  Grey result = blank(grey.width * factor, grey.height * factor);
  for (int y = 0; y < result.height; ++y) {
    for (int x = 0; x < result.width; ++x) result.at(x, y) = grey.at(x / factor, y / factor);
  }
  return result;
}

Grey reduced(const Grey& grey, std::int64_t pixels) {
  const auto area = static_cast<std::int64_t>(grey.width) * grey.height;
  if (area <= pixels) return grey;
  const double scale = std::sqrt(static_cast<double>(pixels) / static_cast<double>(area));
  const int width = std::max(1, static_cast<int>(grey.width * scale));
  const int height = std::max(1, static_cast<int>(grey.height * scale));
  Grey result = blank(width, height);
  for (int y = 0; y < height; ++y) {
    const int top = static_cast<int>(static_cast<std::int64_t>(y) * grey.height / height);
    const int bottom = std::max(top + 1, static_cast<int>(static_cast<std::int64_t>(y + 1) * grey.height / height));
    for (int x = 0; x < width; ++x) {
      const int left = static_cast<int>(static_cast<std::int64_t>(x) * grey.width / width);
      const int right = std::max(left + 1, static_cast<int>(static_cast<std::int64_t>(x + 1) * grey.width / width));
      std::int64_t sum = 0;
      for (int v = top; v < bottom; ++v) {
        for (int u = left; u < right; ++u) sum += grey.at(u, v);
      }
      result.at(x, y) = static_cast<std::uint8_t>(sum / (static_cast<std::int64_t>(bottom - top) * (right - left)));
    }
  }
  return result;
}

Grey cropped(const Grey& grey, int left, int top, int width, int height) {
  Grey result = blank(std::min(width, grey.width - left), std::min(height, grey.height - top));
  for (int y = 0; y < result.height; ++y) {
    for (int x = 0; x < result.width; ++x) result.at(x, y) = grey.at(left + x, top + y);
  }
  return result;
}

}  // namespace totpilot::qr::child

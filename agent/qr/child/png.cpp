#include <png.h>

#include <csetjmp>
#include <cstring>
#include <vector>

#include "agent/qr/child/formats.h"

namespace totpilot::qr::child {
namespace {

constexpr std::string_view kSignature = "\x89PNG\r\n\x1a\n";

struct Source {
  std::string_view bytes;
};

void read_from(png_structp png, png_bytep into, png_size_t size) {
  auto* source = static_cast<Source*>(png_get_io_ptr(png));
  if (source->bytes.size() < size) png_error(png, "end");
  std::memcpy(into, source->bytes.data(), size);
  source->bytes.remove_prefix(size);
}

[[noreturn]] void on_error(png_structp png, png_const_charp) { png_longjmp(png, 1); }
void on_warning(png_structp, png_const_charp) {}

std::uint8_t luminance(const std::uint8_t* rgb) {
  return static_cast<std::uint8_t>((306U * rgb[0] + 601U * rgb[1] + 117U * rgb[2] + 0x200U) >> 10U);
}

std::uint8_t over(std::uint8_t grey, std::uint8_t alpha, std::uint8_t background) {
  return static_cast<std::uint8_t>((grey * alpha + background * (255 - alpha) + 127) / 255);
}

/// All that lives across libpng's longjmp; nothing with a destructor is made between setjmp and a call of libpng.
struct Decoding {
  png_structp png = nullptr;
  png_infop info = nullptr;
  Source source;
  std::vector<std::uint8_t> rgba;
  std::vector<png_bytep> rows;
  std::string complaint;
  png_uint_32 width = 0;
  png_uint_32 height = 0;

  Decoding() = default;
  Decoding(const Decoding&) = delete;
  Decoding& operator=(const Decoding&) = delete;
  ~Decoding() { png_destroy_read_struct(&png, &info, nullptr); }
};

/// To 8-bit RGBA, whatever it is. False when the file is damaged; `complaint` says when it is refused.
bool decode(Decoding& decoding) {
  if (setjmp(png_jmpbuf(decoding.png)) != 0) return false;
  png_set_read_fn(decoding.png, &decoding.source, read_from);
  png_set_crc_action(decoding.png, PNG_CRC_ERROR_QUIT, PNG_CRC_QUIET_USE);
  png_set_user_limits(decoding.png, kLongestSide, kLongestSide);
  png_set_chunk_cache_max(decoding.png, 64);
  png_set_chunk_malloc_max(decoding.png, 8U << 20U);
  png_read_info(decoding.png, decoding.info);
  decoding.width = png_get_image_width(decoding.png, decoding.info);
  decoding.height = png_get_image_height(decoding.png, decoding.info);
  decoding.complaint = size_complaint(decoding.width, decoding.height);
  if (!decoding.complaint.empty()) return true;

  png_set_expand(decoding.png);
  png_set_scale_16(decoding.png);
  png_set_gray_to_rgb(decoding.png);
  png_set_add_alpha(decoding.png, 0xFF, PNG_FILLER_AFTER);
  png_set_interlace_handling(decoding.png);
  png_read_update_info(decoding.png, decoding.info);
  const std::size_t row = static_cast<std::size_t>(decoding.width) * 4;
  if (png_get_rowbytes(decoding.png, decoding.info) != row) return false;
  decoding.rgba.resize(row * decoding.height);
  decoding.rows.resize(decoding.height);
  for (std::size_t y = 0; y < decoding.height; ++y) decoding.rows[y] = decoding.rgba.data() + y * row;
  png_read_image(decoding.png, decoding.rows.data());
  return true;
}

}  // namespace

std::string size_complaint(std::int64_t width, std::int64_t height) {
  if (width < 1 || height < 1) return "the picture is empty";
  if (width > kLongestSide || height > kLongestSide || width * height > kMostPixels) {
    return "the picture is too large (" + std::to_string(width) + "x" + std::to_string(height) +
           " pixels); cut it to the QR code";
  }
  return {};
}

bool looks_like_png(std::string_view bytes) { return bytes.starts_with(kSignature); }

std::expected<Picture, std::string> read_png(std::string_view bytes) {
  // libpng refuses a side over its limit without saying so; the header (RFC 2083, 3.2 and 4.1.1) lies at a fixed place.
  if (bytes.size() < 33) return std::unexpected("the PNG picture is cut off");
  const auto side = [&](std::size_t at) {
    std::int64_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
  };
  if (std::string complaint = size_complaint(side(16), side(20)); !complaint.empty())
    return std::unexpected(std::move(complaint));

  Decoding decoding;
  decoding.source.bytes = bytes;
  decoding.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, nullptr, on_error, on_warning);
  if (decoding.png != nullptr) decoding.info = png_create_info_struct(decoding.png);
  if (decoding.info == nullptr) return std::unexpected("the PNG picture could not be read");
  if (!decode(decoding)) return std::unexpected("the PNG picture is damaged");
  if (!decoding.complaint.empty()) return std::unexpected(decoding.complaint);

  const std::size_t pixels = static_cast<std::size_t>(decoding.width) * decoding.height;
  Grey white{static_cast<int>(decoding.width), static_cast<int>(decoding.height), std::vector<std::uint8_t>(pixels)};
  Grey black = white;
  bool transparent = false;
  for (std::size_t i = 0; i < pixels; ++i) {
    const std::uint8_t* rgba = decoding.rgba.data() + i * 4;
    const std::uint8_t grey = luminance(rgba);
    transparent = transparent || rgba[3] != 255;
    white.pixels[i] = over(grey, rgba[3], 255);
    black.pixels[i] = over(grey, rgba[3], 0);
  }
  Picture picture{std::move(white), {}};
  if (transparent) picture.over_black.push_back(std::move(black));
  return picture;
}

}  // namespace totpilot::qr::child

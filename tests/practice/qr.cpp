#include "tests/practice/qr.h"

#include <fmt/format.h>
#include <png.h>
#include <qrencode.h>

#include <cstdint>
#include <memory>
#include <stdexcept>

#include "tests/practice/text.h"

namespace totpilot::practice {
namespace {

struct FreeQr {
  void operator()(QRcode* code) const { QRcode_free(code); }
};

}  // namespace

QrCode encode_qr(const std::string& text) {
  const std::unique_ptr<QRcode, FreeQr> code(QRcode_encodeData(
      static_cast<int>(text.size()), reinterpret_cast<const unsigned char*>(text.data()), 0, QR_ECLEVEL_M));
  if (!code) throw std::runtime_error("libqrencode cannot encode this text");
  QrCode result{.width = code->width, .dark = {}};
  const std::size_t count = static_cast<std::size_t>(code->width) * static_cast<std::size_t>(code->width);
  for (std::size_t i = 0; i < count; ++i) result.dark.push_back((code->data[i] & 1) != 0);
  return result;
}

std::string qr_png_data_uri(const QrCode& code, QrLook look) {
  const int side = (code.width + 2 * look.quiet_zone) * look.scale;
  const std::uint8_t light = look.inverted ? 0 : 255;
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(side * side), light);
  for (int y = 0; y < code.width * look.scale; ++y) {
    for (int x = 0; x < code.width * look.scale; ++x) {
      if (!code.at(x / look.scale, y / look.scale)) continue;
      const int row = y + look.quiet_zone * look.scale;
      const int column = x + look.quiet_zone * look.scale;
      pixels[static_cast<std::size_t>(row * side + column)] = static_cast<std::uint8_t>(255 - light);
    }
  }
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(side);
  image.height = static_cast<png_uint_32>(side);
  image.format = PNG_FORMAT_GRAY;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::string png(size, '\0');
  if (png_image_write_to_memory(&image, png.data(), &size, 0, pixels.data(), 0, nullptr) == 0) {
    throw std::runtime_error("libpng cannot write the picture");
  }
  png.resize(size);
  return "data:image/png;base64," + base64(png);
}

std::string qr_svg(const QrCode& code, QrLook look) {
  const int side = code.width + 2 * look.quiet_zone;
  std::string path;
  for (int y = 0; y < code.width; ++y) {
    for (int x = 0; x < code.width; ++x) {
      if (code.at(x, y)) path += fmt::format("M{} {}h1v1h-1z", x + look.quiet_zone, y + look.quiet_zone);
    }
  }
  return fmt::format(
      R"(<svg class="qr" role="img" aria-label="QR code" viewBox="0 0 {0} {0}" width="{1}" height="{1}" shape-rendering="crispEdges">)"
      R"(<rect width="{0}" height="{0}" fill="{2}"/><path d="{4}" fill="{3}"/></svg>)",
      side, side * look.scale, look.inverted ? "#000" : "#fff", look.inverted ? "#fff" : "#000", path);
}

std::string qr_rows(const QrCode& code) {
  std::string rows;
  for (int y = 0; y < code.width; ++y) {
    if (y > 0) rows.push_back(',');
    for (int x = 0; x < code.width; ++x) rows.push_back(code.at(x, y) ? '1' : '0');
  }
  return rows;
}

}  // namespace totpilot::practice

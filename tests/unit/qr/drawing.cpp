#include "tests/unit/qr/drawing.h"

#include <png.h>
#include <qrencode.h>
#include <turbojpeg.h>

#include <cstring>
#include <memory>
#include <stdexcept>

namespace totpilot::qr {

Canvas::Canvas(int w, int h, Colour background)
    : width(w), height(h), rgba(static_cast<std::size_t>(w) * static_cast<std::size_t>(h) * 4) {
  fill(0, 0, w, h, background);
}

void Canvas::fill(int left, int top, int w, int h, Colour colour) {
  for (int y = top; y < top + h; ++y) {
    for (int x = left; x < left + w; ++x) {
      std::uint8_t* pixel =
          rgba.data() +
          (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)) * 4;
      pixel[0] = colour.red;
      pixel[1] = colour.green;
      pixel[2] = colour.blue;
      pixel[3] = colour.alpha;
    }
  }
}

void Canvas::paste(const Canvas& other, int left, int top) {
  const auto row = static_cast<std::size_t>(other.width) * 4;
  for (int y = 0; y < other.height; ++y) {
    const auto to =
        (static_cast<std::size_t>(top + y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(left)) * 4;
    std::memcpy(rgba.data() + to, other.rgba.data() + static_cast<std::size_t>(y) * row, row);
  }
}

std::string Canvas::png() const {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(width);
  image.height = static_cast<png_uint_32>(height);
  image.format = PNG_FORMAT_RGBA;
  png_alloc_size_t size = 0;
  if (png_image_write_to_memory(&image, nullptr, &size, 0, rgba.data(), 0, nullptr) == 0)
    throw std::runtime_error("png size");
  std::string bytes(size, '\0');
  if (png_image_write_to_memory(&image, bytes.data(), &size, 0, rgba.data(), 0, nullptr) == 0)
    throw std::runtime_error("png");
  bytes.resize(size);
  return bytes;
}

std::string Canvas::jpeg(int quality) const {
  const std::unique_ptr<void, int (*)(void*)> encoder(tjInitCompress(), &tjDestroy);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  const int failed =
      tjCompress2(encoder.get(), rgba.data(), width, 0, height, TJPF_RGBA, &buffer, &size, TJSAMP_420, quality, 0);
  const std::unique_ptr<unsigned char, void (*)(unsigned char*)> owner(buffer, &tjFree);
  if (failed != 0) throw std::runtime_error("jpeg");
  return {reinterpret_cast<const char*>(buffer), size};
}

Canvas draw(const Drawing& drawing) {
  const std::unique_ptr<QRcode, void (*)(QRcode*)> code(
      QRcode_encodeString8bit(drawing.text.c_str(), 0,
                              drawing.correction == Correction::kHigh ? QR_ECLEVEL_H : QR_ECLEVEL_L),
      &QRcode_free);
  if (code == nullptr) throw std::runtime_error("qrencode");
  const int side = (code->width + 2 * drawing.quiet_zone) * drawing.module;
  Canvas canvas(side, side, drawing.light);
  for (int y = 0; y < code->width; ++y) {
    for (int x = 0; x < code->width; ++x) {
      if ((code->data[y * code->width + x] & 1U) == 0) continue;
      canvas.fill((x + drawing.quiet_zone) * drawing.module, (y + drawing.quiet_zone) * drawing.module, drawing.module,
                  drawing.module, drawing.dark);
    }
  }
  return canvas;
}

Canvas finder_patterns(int side) {
  Canvas canvas(side, side, kWhite);
  for (int y = 0; y + 7 <= side; y += 8) {
    for (int x = 0; x + 7 <= side; x += 8) {
      canvas.fill(x, y, 7, 7, kBlack);
      canvas.fill(x + 1, y + 1, 5, 5, kWhite);
      canvas.fill(x + 2, y + 2, 3, 3, kBlack);
    }
  }
  return canvas;
}

}  // namespace totpilot::qr

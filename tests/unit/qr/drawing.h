#pragma once
// Pictures of QR codes as pages show them, drawn with libqrencode and written as PNG or JPEG. For the tests of this
// room.
#include <cstdint>
#include <string>
#include <vector>

namespace totpilot::qr {

struct Colour {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
  std::uint8_t alpha = 255;
};

inline constexpr Colour kBlack{0, 0, 0, 255};
inline constexpr Colour kWhite{255, 255, 255, 255};

struct Canvas {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgba;

  Canvas(int w, int h, Colour background);
  void fill(int left, int top, int w, int h, Colour colour);
  void paste(const Canvas& other, int left, int top);
  std::string png() const;
  std::string jpeg(int quality) const;
};

enum class Correction { kLow, kHigh };

struct Drawing {
  std::string text;
  int module = 6;      // pixels
  int quiet_zone = 4;  // modules
  Colour dark = kBlack;
  Colour light = kWhite;
  Correction correction = Correction::kLow;
};

Canvas draw(const Drawing& drawing);

/// Nothing but finder patterns: what keeps ZXing busy for ever.
Canvas finder_patterns(int side);

}  // namespace totpilot::qr

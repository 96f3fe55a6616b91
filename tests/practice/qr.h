#pragma once
// QR pictures by libqrencode, in every form that apps show them.
#include <string>
#include <vector>

namespace totpilot::practice {

/// Square matrix of modules; true is dark.
struct QrCode {
  int width = 0;
  std::vector<bool> dark;
  bool at(int x, int y) const { return dark.at(static_cast<std::size_t>(y * width + x)); }
};

struct QrLook {
  int quiet_zone = 4;  // modules
  int scale = 6;       // pixels per module
  bool inverted = false;
};

QrCode encode_qr(const std::string& text);
/// "data:image/png;base64,..."
std::string qr_png_data_uri(const QrCode& code, QrLook look);
/// An inline <svg> element.
std::string qr_svg(const QrCode& code, QrLook look);
/// Rows of "0" and "1", parted by commas, for a page that paints its own canvas.
std::string qr_rows(const QrCode& code);

}  // namespace totpilot::practice

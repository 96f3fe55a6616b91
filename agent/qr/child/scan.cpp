#include "agent/qr/child/scan.h"

#include <ZXing/ReadBarcode.h>

#include <algorithm>
#include <ctime>
#include <functional>

#include "agent/qr/child/picture.h"

namespace totpilot::qr::child {
namespace {

using ZXing::Binarizer;

constexpr std::string_view kScheme = "otpauth";
constexpr int kMostSymbols = 2;
constexpr int kSmallSide = 400;
constexpr int kTile = 1000;
/// No further attempt is begun after so much work; the process has two seconds in all.
constexpr double kAttemptSeconds = 1.2;

bool time_left() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC < kAttemptSeconds; }

/// RFC 3629, like totpilot::is_utf8, which this process does not link; and no control characters but line ends and
/// tabs.
bool is_text(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size();) {
    const auto first = static_cast<unsigned char>(bytes[i]);
    if (first < 0x80) {
      if ((first < 0x20 && first != '\n' && first != '\r' && first != '\t') || first == 0x7F) return false;
      ++i;
      continue;
    }
    const std::size_t size = first >= 0xF0 && first <= 0xF4  ? 4
                             : first >= 0xE0 && first < 0xF0 ? 3
                             : first >= 0xC2 && first < 0xE0 ? 2
                                                             : 0;
    if (size == 0 || i + size > bytes.size()) return false;
    char32_t point = first & (0xFFU >> (size + 1));
    for (std::size_t k = 1; k < size; ++k) {
      const auto next = static_cast<unsigned char>(bytes[i + k]);
      if ((next & 0xC0U) != 0x80U) return false;
      point = point << 6U | (next & 0x3FU);
    }
    constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (point < kSmallest[size] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return false;
    i += size;
  }
  return true;
}

struct Found {
  std::vector<std::string> texts;
  bool unreadable = false;  // a code was there, and held no text
};

void decode(const Grey& grey, Binarizer binarizer, Found& found) {
  const auto hints = ZXing::DecodeHints()
                         .setFormats(ZXing::BarcodeFormat::QRCode)
                         .setMaxNumberOfSymbols(kMostSymbols)
                         .setBinarizer(binarizer)
                         .setTryRotate(false);  // for bars; a QR code is found at any angle
  for (const auto& result :
       ZXing::ReadBarcodes({grey.pixels.data(), grey.width, grey.height, ZXing::ImageFormat::Lum}, hints)) {
    if (!result.isValid()) continue;
    const auto& bytes = result.bytes();
    std::string text(bytes.begin(), bytes.end());
    if (text.empty() || !is_text(text)) {
      found.unreadable = true;
    } else if (std::ranges::find(found.texts, text) == found.texts.end()) {
      found.texts.push_back(std::move(text));
    }
  }
}

/// Modules of a pixel or two are too small for the finder; larger ones do no harm.
Grey prepared(const Grey& grey) {
  const int side = std::min(grey.width, grey.height);
  const int factor = std::clamp(kSmallSide / std::max(1, side), 1, 8);
  const Grey large =
      factor > 1 && static_cast<std::int64_t>(grey.width) * grey.height * factor * factor <= kMostDecoderPixels
          ? enlarged(grey, factor)
          : grey;
  const Grey bordered = with_border(large, std::min(large.width, large.height) / 8 + 16);
  return reduced(bordered, kMostDecoderPixels);
}

/// Ends at the first way of looking that finds something.
bool look(const Grey& grey, Found& found) {
  const Grey plain = prepared(grey);
  const Grey light_on_dark = prepared(inverted(grey));
  for (const Binarizer binarizer : {Binarizer::LocalAverage, Binarizer::GlobalHistogram, Binarizer::FixedThreshold}) {
    for (const Grey* view : {&plain, &light_on_dark}) {
      if (!time_left()) return true;
      decode(*view, binarizer, found);
      if (!found.texts.empty() || found.unreadable) return true;
    }
  }
  return false;
}

/// A code that reducing made too fine is looked for at full size, in tiles that overlap by half.
void look_in_tiles(const Grey& grey, Found& found) {
  for (int top = 0; top < grey.height; top += kTile / 2) {
    for (int left = 0; left < grey.width; left += kTile / 2) {
      if (!time_left()) return;
      const Grey tile = cropped(grey, left, top, kTile, kTile);
      decode(tile, Binarizer::LocalAverage, found);
      if (!found.texts.empty()) return;
    }
  }
}

bool is_otpauth(std::string_view text) {
  return text.size() > kScheme.size() &&
         std::ranges::equal(text.substr(0, kScheme.size()), kScheme, [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
         });
}

}  // namespace

std::expected<std::vector<std::string>, std::string> scan(std::string_view bytes) {
  const auto picture = read_picture(bytes);
  if (!picture) return std::unexpected(picture.error());
  Found found;
  if (!look(picture->over_white, found)) {
    for (const Grey& black : picture->over_black) look(black, found);
  }
  const Grey& whole = picture->over_white;
  const bool large = static_cast<std::int64_t>(whole.width) * whole.height > kMostDecoderPixels;
  if (found.texts.empty() && !found.unreadable && large) look_in_tiles(whole, found);

  if (found.texts.empty() && found.unreadable) return std::unexpected("the QR code holds no text");
  if (std::ranges::count_if(found.texts, is_otpauth) > 1) {
    return std::unexpected("the picture shows two different otpauth URIs; cut it to one QR code");
  }
  return std::move(found.texts);
}

}  // namespace totpilot::qr::child

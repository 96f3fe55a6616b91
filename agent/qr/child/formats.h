#pragma once
// PNG (libpng) and JPEG (libjpeg-turbo). Part of totpilot-qr.
#include <expected>
#include <string>
#include <string_view>

#include "agent/qr/child/picture.h"

namespace totpilot::qr::child {

bool looks_like_png(std::string_view bytes);
bool looks_like_jpeg(std::string_view bytes);

std::expected<Picture, std::string> read_png(std::string_view bytes);
std::expected<Picture, std::string> read_jpeg(std::string_view bytes);

/// What is wrong with a picture of these sides; empty when nothing is.
std::string size_complaint(std::int64_t width, std::int64_t height);

}  // namespace totpilot::qr::child

#include <turbojpeg.h>

#include <memory>

#include "agent/qr/child/formats.h"

namespace totpilot::qr::child {

bool looks_like_jpeg(std::string_view bytes) { return bytes.starts_with("\xFF\xD8\xFF"); }

std::expected<Picture, std::string> read_jpeg(std::string_view bytes) {
  const std::unique_ptr<void, int (*)(void*)> decoder(tjInitDecompress(), &tjDestroy);
  if (decoder == nullptr) return std::unexpected("the JPEG picture could not be read");
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  int width = 0;
  int height = 0;
  int sampling = 0;
  int colours = 0;
  if (tjDecompressHeader3(decoder.get(), data, bytes.size(), &width, &height, &sampling, &colours) != 0) {
    return std::unexpected("the JPEG picture is damaged");
  }
  if (std::string complaint = size_complaint(width, height); !complaint.empty())
    return std::unexpected(std::move(complaint));
  Grey grey{width, height,
            std::vector<std::uint8_t>(static_cast<std::size_t>(width) * static_cast<std::size_t>(height))};
  // A hostile progressive JPEG may have thousands of scans, each of which costs a pass.
  if (tjDecompress2(decoder.get(), data, bytes.size(), grey.pixels.data(), width, width, height, TJPF_GRAY,
                    TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS) != 0 &&
      tjGetErrorCode(decoder.get()) == TJERR_FATAL) {
    return std::unexpected("the JPEG picture is damaged");
  }
  return Picture{std::move(grey), {}};
}

}  // namespace totpilot::qr::child

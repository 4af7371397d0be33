#include <hourglass/core/error.hpp>
#include <hourglass/storage/atomic_file.hpp>
#include <hourglass/storage/jpeg.hpp>
#include <hourglass/storage/picture.hpp>
#include <hourglass/storage/png.hpp>
#include <hourglass/storage/pnm.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace hourglass::picture {
namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 29;  // of a file

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

struct Content {
  std::string bytes;
  Format format;

  std::span<const std::byte> span() const { return std::as_bytes(std::span(bytes)); }
};

Content content_of(const std::filesystem::path& path) {
  std::string bytes = read_text_file(path, kMostBytes);
  const auto format = format_of(std::as_bytes(std::span(bytes)));
  if (!format) {
    throw DataError(text(path.string(),
                         ": is no picture that is known, expected PNG, JPEG, PGM or "
                         "PPM"));
  }
  return {std::move(bytes), *format};
}

}  // namespace

std::optional<Format> format_of(std::span<const std::byte> head) {
  const std::string_view bytes = text_of(head.first(std::min<std::size_t>(head.size(), 8)));
  if (bytes == "\x89PNG\r\n\x1a\n") return Format::Png;
  if (bytes.starts_with("\xff\xd8\xff")) return Format::Jpeg;
  const bool pnm = bytes.size() > 2 && bytes[0] == 'P' &&
                   std::string_view("2356").find(bytes[1]) != std::string_view::npos &&
                   std::string_view(" \t\r\n#").find(bytes[2]) != std::string_view::npos;
  if (pnm) return Format::Pnm;
  return std::nullopt;
}

bool has_picture_ending(const std::filesystem::path& path) {
  std::string ending = path.extension();
  std::ranges::transform(ending, ending.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  static constexpr std::array<std::string_view, 6> kEndings = {".png", ".jpg", ".jpeg",
                                                               ".pgm", ".ppm", ".pnm"};
  return std::ranges::find(kEndings, ending) != kEndings.end();
}

Header read_header(const std::filesystem::path& path, const Limits& limits) {
  const Content content = content_of(path);
  switch (content.format) {
    case Format::Png: return png::decode_header(content.span(), path.string(), limits);
    case Format::Jpeg: return jpeg::decode_header(content.span(), path.string(), limits);
    case Format::Pnm: break;
  }
  return pnm::decode_header(content.span(), path.string(), limits);
}

Tensor read(const std::filesystem::path& path, const Limits& limits) {
  const Content content = content_of(path);
  switch (content.format) {
    case Format::Png: return png::decode(content.span(), path.string(), limits);
    case Format::Jpeg: return jpeg::decode(content.span(), path.string(), limits);
    case Format::Pnm: break;
  }
  return pnm::decode(content.span(), path.string(), limits);
}

void check_limits(const Header& header, const std::string& name, const Limits& limits) {
  if (header.width < 1 || header.height < 1) {
    throw DataError(text(name, ": the picture is ", header.width, " x ", header.height,
                         ", expected at least one pixel"));
  }
  if (header.width > limits.extent || header.height > limits.extent ||
      header.width > limits.pixels / header.height) {
    throw DataError(text(name, ": the picture is ", header.width, " x ", header.height,
                         ", at most ", limits.extent, " along a side and ", limits.pixels,
                         " pixels are read"));
  }
}

}  // namespace hourglass::picture

#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

/// Picture files of any kind that is read: PNG, JPEG, PGM and PPM, known by their first bytes.
namespace hourglass::picture {

/// What a picture from a stranger may ask for.
struct Limits {
  std::int64_t extent = 32768;                  ///< pixels along one side
  std::int64_t pixels = std::int64_t{1} << 26;  ///< pixels altogether
};

/// What a file's first bytes promise.
struct Header {
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t channels = 0;  ///< 1 (grey) or 3 (RGB), once it is read
};

enum class Format { Png, Jpeg, Pnm };

/// The kind of picture whose file begins so; empty when it is none.
HOURGLASS_API std::optional<Format> format_of(std::span<const std::byte> head);
/// Whether a file's name ends as those of pictures do: png, jpg, jpeg, pgm, ppm, pnm.
HOURGLASS_API bool has_picture_ending(const std::filesystem::path& path);

/// Throws DataError for what is no picture, or exceeds `limits`.
HOURGLASS_API Header read_header(const std::filesystem::path& path, const Limits& limits = {});
/// u8 [height, width, 1 or 3]. Throws DataError, naming the file, for what is not a whole picture,
/// and for what exceeds `limits`. The rules of each kind: png.hpp, jpeg.hpp, pnm.hpp.
HOURGLASS_API Tensor read(const std::filesystem::path& path, const Limits& limits = {});

/// Throws DataError, naming `name`, for a picture beyond the limits, or without any pixel.
void check_limits(const Header& header, const std::string& name, const Limits& limits);

}  // namespace hourglass::picture

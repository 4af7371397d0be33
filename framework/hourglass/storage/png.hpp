#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>
#include <hourglass/storage/picture.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace hourglass::png {

using Limits = picture::Limits;

/// A picture as the bytes of a PNG file: equal pictures give equal bytes.
/// image: u8, [height, width] or [height, width, 1] (grey) or [height, width, 3] (RGB).
/// Throws ShapeError for any other shape or type, and for an empty picture.
/// `software`, where it is given, names who made the picture (the keyword Software).
HOURGLASS_API std::vector<std::byte> encode(const Tensor& image, const std::string& software = {});

/// Writes a picture, aside and renamed. Throws as `encode`, and IoError.
HOURGLASS_API void write(const std::filesystem::path& path, const Tensor& image,
                         const std::string& software = {});

/// Whether a file is a picture that was written with this name of who made it.
HOURGLASS_API bool is_made_by(const std::filesystem::path& path, const std::string& software);

/// A PNG file's pixels as u8 [height, width, channels] with 1 channel (grey) or 3 (RGB). Palettes
/// are looked up, 16 bits become the 8 upper ones, fewer than 8 are scaled to 0..255, transparency
/// is dropped, gamma is left alone: the numbers are those of the file. Throws DataError, naming
/// `name`, for what is not a whole PNG or exceeds `limits`.
HOURGLASS_API Tensor decode(std::span<const std::byte> content, const std::string& name,
                            const Limits& limits = {});
HOURGLASS_API Tensor read(const std::filesystem::path& path, const Limits& limits = {});
HOURGLASS_API picture::Header decode_header(std::span<const std::byte> content,
                                            const std::string& name, const Limits& limits = {});

}  // namespace hourglass::png

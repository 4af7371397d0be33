#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/storage/picture.hpp>

/// JPEG pictures, by libjpeg.
namespace hourglass::jpeg {

/// u8 [height, width, 1] for grey pictures, [height, width, 3] for all others, which become RGB.
/// Four inks (CMYK, YCCK) become RGB as ink (or light, where Adobe's mark says so) times black.
/// Orientation marks and colour profiles are left alone. Throws DataError, naming `name`, for
/// damaged files, which libjpeg would fill with grey, and for what exceeds `limits`.
HOURGLASS_API Tensor decode(std::span<const std::byte> content, const std::string& name,
                            const picture::Limits& limits = {});
HOURGLASS_API picture::Header decode_header(std::span<const std::byte> content,
                                            const std::string& name,
                                            const picture::Limits& limits = {});

}  // namespace hourglass::jpeg

#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/storage/picture.hpp>

/// The "portable anymap" pictures PGM and PPM: a header of text, then numbers as text (P2, P3) or
/// as bytes (P5, P6).
namespace hourglass::pnm {

/// u8 [height, width, 1] for P2 and P5, [height, width, 3] for P3 and P6. Numbers from 0 to the
/// header's greatest one become 0 to 255, rounded. Throws DataError, naming `name`, for what is not
/// one whole picture (a file may hold several: only the first would be seen), for numbers above the
/// greatest, and for what exceeds `limits`.
HOURGLASS_API Tensor decode(std::span<const std::byte> content, const std::string& name,
                            const picture::Limits& limits = {});
HOURGLASS_API picture::Header decode_header(std::span<const std::byte> content,
                                            const std::string& name,
                                            const picture::Limits& limits = {});

}  // namespace hourglass::pnm

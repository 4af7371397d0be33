#pragma once

#include <hourglass/onednn/primitive.hpp>

namespace hourglass::onednn {

/// Copies a tensor from one layout (Source) into another (Destination) of the same shape.
HOURGLASS_API Primitive reorder(const Layout& from, const Layout& to);

/// The same at once, for files, which hold plain arrays.
HOURGLASS_API void reorder_now(const Layout& from, const std::byte* source, const Layout& to,
                               std::byte* destination);

}  // namespace hourglass::onednn

#pragma once

#include <hourglass/onednn/primitive.hpp>

namespace hourglass::onednn {

/// c = a b over the last two axes; axes before them are batches and equal in both.
/// a: [..., m, k], b: [..., k, n], c: [..., m, n], which is plain.
HOURGLASS_API Primitive matmul(const Layout& a, const Layout& b);

}  // namespace hourglass::onednn

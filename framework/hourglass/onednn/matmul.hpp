#pragma once

#include <hourglass/onednn/primitive.hpp>

namespace hourglass::onednn {

/// c = a b over the last two axes; axes before them are batches and equal in both.
/// a: [..., m, k], b: [..., k, n], c: [..., m, n], which is plain.
HOURGLASS_API Primitive matmul(const Layout& a, const Layout& b);

/// c = activation(a b + bias) for matrices, computed by the one thread that executes it, so that
/// several threads may execute one each at once. bias: [1, n].
HOURGLASS_API Primitive matmul_alone(const Layout& a, const Layout& b, const Layout& c,
                                     bool bias = false, OptionalPostOp activation = {});

}  // namespace hourglass::onednn

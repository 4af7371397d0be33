#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// Each sample shifted and scaled to mean 0 and variance 1 over all its elements, then each element
/// to a size and a mean of its own:
///     y = weight (x - mean) / sqrt(variance + epsilon) + bias.  J. L. Ba, J. R. Kiros,
///     G. E. Hinton, 2016.
/// x: [batch, features...]; weight and bias: [features...], or neither of them, which is 1 and 0;
/// epsilon > 0. Returns the shape of x. The mean is taken first, and the variance about it, so that
/// a large mean costs no digits. Gradients of first and second order.
/// Throws ShapeError, with shapes and rule, for what does not fit.
HOURGLASS_API Value layer_normalization(Value x, Value weight = {}, Value bias = {},
                                        float epsilon = 1e-5f);

}  // namespace hourglass

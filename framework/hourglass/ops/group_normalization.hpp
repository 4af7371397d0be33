#pragma once

#include <hourglass/graph/value.hpp>

#include <cstdint>

namespace hourglass {

/// The channels of each sample fall into `groups`, neighbours together, and each group with all its
/// places is shifted and scaled to mean 0 and variance 1, then each channel to a size and a mean of
/// its own:
///     y = weight (x - mean) / sqrt(variance + epsilon) + bias.  Y. Wu, K. He, 2018.
/// One group is all channels together, as many groups as channels is each by itself.
/// x: [batch, channels], [batch, channels, size] or [batch, channels, height, width]; weight and
/// bias: [channels], or neither of them, which is 1 and 0; epsilon > 0. Returns the shape of x.
/// The mean is taken first, and the variance about it, so that a large mean costs no digits.
/// Gradients of first and second order.
/// Throws ShapeError, with shapes and rule, for what does not fit.
HOURGLASS_API Value group_normalization(Value x, std::int64_t groups, Value weight = {},
                                        Value bias = {}, float epsilon = 1e-5f);

}  // namespace hourglass

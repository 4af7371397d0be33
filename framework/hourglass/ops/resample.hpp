#pragma once

#include <hourglass/graph/value.hpp>

#include <cstdint>
#include <vector>

namespace hourglass {

// Linear maps along the spatial axes of x, [batch, channels, size] or
// [batch, channels, height, width]. Lists have a number for each spatial axis, or one for all. All
// throw ShapeError, with shape and rule, for what does not fit, and have gradients of every order.

/// How a place of the output gets its value, from `size` elements to `outputs`, f = size / outputs:
enum class Interpolation {
  Nearest,   // out[i] = x[floor(f i)]
  Bilinear,  // x at f (i + 1/2) - 1/2, between centres of elements; the outermost reach to the edge
};

/// x made larger by whole factors, each at least 1.
HOURGLASS_API Value upsample(Value x, const std::vector<std::int64_t>& factor,
                             Interpolation kind = Interpolation::Nearest);

/// x with `sizes` elements along its spatial axes, each at least 1. Where there are fewer than
/// before, elements in between are passed over: average first.
HOURGLASS_API Value resize(Value x, const std::vector<std::int64_t>& sizes,
                           Interpolation kind = Interpolation::Nearest);

/// Zeros around x, each number at least 0.
HOURGLASS_API Value pad(Value x, const std::vector<std::int64_t>& before,
                        const std::vector<std::int64_t>& after);

/// Without that much before and behind, each number at least 0; something must be left.
HOURGLASS_API Value crop(Value x, const std::vector<std::int64_t>& before,
                         const std::vector<std::int64_t>& after);

}  // namespace hourglass

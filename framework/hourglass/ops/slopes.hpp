#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

// Slopes of other operations, from their input or output; piecewise constant, so that no gradient
// flows through any but elu_slope.

/// 1 where x > 0, else `below`.
HOURGLASS_API Value relu_slope(Value x, float below);
/// From the output y of elu: 1 where y > 0, else y + alpha.  Gradient: dx = dslope where y <= 0.
HOURGLASS_API Value elu_slope(Value y, float alpha);
/// -1, 0 or 1.
HOURGLASS_API Value sign(Value x);
/// 1 where low < x < high, else 0.
HOURGLASS_API Value inside(Value x, float low, float high);

}  // namespace hourglass

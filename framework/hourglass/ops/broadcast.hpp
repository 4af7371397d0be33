#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// x repeated along the axes that `shape` has and x has not, or has with one element.
/// x: any shape that broadcasts to `shape`.  Returns `shape`.
/// Gradient: dx = sum_to(dy, shape of x).
/// Throws ShapeError when x does not broadcast to `shape`.
HOURGLASS_API Value broadcast_to(Value x, const Shape& shape);

/// x summed over the axes that broadcasting from `shape` to x's shape has added or stretched: what
/// the gradient of a broadcast operand needs.
HOURGLASS_API Value sum_to(Value x, const Shape& shape);

}  // namespace hourglass

#pragma once

#include <hourglass/graph/value.hpp>

#include <initializer_list>
#include <span>

namespace hourglass {

/// Values joined one after another along an axis.
/// values: at least one, of shapes that differ along `axis` only; axis in [-n, n).
/// Returns their shape with the sum of their extents along `axis`.
/// Gradients: each value's slice of dy.
/// Throws ShapeError for no values, an axis outside, or shapes that differ elsewhere.
HOURGLASS_API Value concat(std::span<const Value> values, int axis);
HOURGLASS_API Value concat(std::initializer_list<Value> values, int axis);

}  // namespace hourglass

#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// The same elements, in row-major order, under another shape; no element moves.
/// x: any shape; `shape` has as many elements.  Gradient: dx = reshape(dy, shape of x).
/// Throws ShapeError when the numbers of elements differ.
HOURGLASS_API Value reshape(Value x, const Shape& shape);

/// All axes after the first joined into one: [batch, features].
HOURGLASS_API Value flatten(Value x);

}  // namespace hourglass

#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// x with every slice along `axis` divided by its Euclidean norm; a slice of zeros stays so.
/// For a dense weight [out, in], axis 0 gives every input, axis 1 every output a vector of
/// length 1. x: [d0, ..., dn-1], axis in [-n, n).  Returns the shape of x. Throws ShapeError when
/// the axis is outside.
HOURGLASS_API Value unit_norm(Value x, int axis);

/// x without its component along `direction`, for every slice along `axis`:
/// x - d <x, d> / <d, d>, and x where d is zero. As a gradient's projection it keeps a step from
/// changing the length of vectors that unit_norm would only have to put right again.
/// x and direction: [d0, ..., dn-1], axis in [-n, n).  Returns the shape of x.
/// Throws ShapeError when the axis is outside or the shapes differ.
HOURGLASS_API Value perpendicular(Value x, Value direction, int axis);

}  // namespace hourglass

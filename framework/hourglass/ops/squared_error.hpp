#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// (x - target)^2, element by element, without a half; 0 where x = target.
/// x, target: one shape.  Returns that shape; sum over features and take the mean over the batch
/// for an objective. Gradients: dx = 2 dy (x - target), dtarget = -dx. Throws ShapeError when the
/// shapes differ.
HOURGLASS_API Value squared_error(Value x, Value target);

}  // namespace hourglass

#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// The square root; NaN below 0.  x: any shape.  Gradient, from the output y: dy / (2 y).
HOURGLASS_API Value sqrt(Value x);

}  // namespace hourglass

#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// 1 / (1 + exp(-x)), in (0, 1).  x: any shape.  Gradient, from the output y: dy y (1 - y).
HOURGLASS_API Value sigmoid(Value x);

}  // namespace hourglass

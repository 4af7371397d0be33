#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// The hyperbolic tangent, in (-1, 1).  x: any shape.  Gradient, from the output y: dy (1 - y^2).
HOURGLASS_API Value tanh(Value x);

}  // namespace hourglass

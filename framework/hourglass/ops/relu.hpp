#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// max(x, 0).  x: any shape.  Gradient, from the output y: dy where y > 0, else 0.
HOURGLASS_API Value relu(Value x);

}  // namespace hourglass

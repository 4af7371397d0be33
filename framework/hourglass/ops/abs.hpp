#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// |x|.  x: any shape.  Gradient: dy sign(x), 0 at 0.
HOURGLASS_API Value abs(Value x);

}  // namespace hourglass

#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// The natural logarithm; -infinity at 0, NaN below.  x: any shape.  Gradient: dy / x.
HOURGLASS_API Value log(Value x);

}  // namespace hourglass

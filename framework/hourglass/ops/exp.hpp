#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// e^x; infinity where that is too large.  x: any shape.  Gradient, from the output y: dy y.
HOURGLASS_API Value exp(Value x);

}  // namespace hourglass

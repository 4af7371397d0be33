#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// log(1 + exp(x)), without overflow.  x: any shape.  Gradient: dy sigmoid(x).
HOURGLASS_API Value softplus(Value x);

}  // namespace hourglass

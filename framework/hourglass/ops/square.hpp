#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// x^2.  x: any shape.  Gradient: 2 dy x.
HOURGLASS_API Value square(Value x);

}  // namespace hourglass

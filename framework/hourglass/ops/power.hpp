#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// x^exponent for a fixed exponent; NaN for a negative x unless the exponent is whole.
/// x: any shape.  Gradient: dy exponent x^(exponent - 1).
HOURGLASS_API Value power(Value x, float exponent);

}  // namespace hourglass

#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// x^exponent for a fixed exponent; NaN for a negative x unless the exponent is whole. The relative
/// error grows with the exponent times log |x|, to 1e-5 at the ends of the range of f32.
/// x: any shape.  Gradient: dy exponent x^(exponent - 1).
HOURGLASS_API Value power(Value x, float exponent);

}  // namespace hourglass

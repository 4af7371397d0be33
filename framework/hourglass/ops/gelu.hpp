#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// x times the standard normal distribution function at x: x (1 + erf(x / sqrt(2))) / 2.
/// x: any shape.  The gradient follows from the operations that it is made of.
/// D. Hendrycks, K. Gimpel, 2016.
HOURGLASS_API Value gelu(Value x);

}  // namespace hourglass

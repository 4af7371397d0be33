#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// x where x > 0, else alpha (exp(x) - 1).  x: any shape, alpha > 0.
/// Gradient, from the output y: dy where y > 0, else dy (y + alpha).
/// Throws ShapeError unless alpha > 0.   D.-A. Clevert et al., 2016.
HOURGLASS_API Value elu(Value x, float alpha = 1.0f);

}  // namespace hourglass

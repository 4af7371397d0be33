#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// The error function, 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x.  x: any shape.
/// Gradient: dy 2/sqrt(pi) exp(-x^2).
HOURGLASS_API Value erf(Value x);

}  // namespace hourglass

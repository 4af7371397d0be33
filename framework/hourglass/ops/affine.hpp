#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// scale x + shift, with two fixed numbers. x: any shape.  Gradient: dx = scale dy.
HOURGLASS_API Value affine(Value x, float scale, float shift = 0.0f);

}  // namespace hourglass

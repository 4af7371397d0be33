#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// x limited to [low, high].  x: any shape.  Gradient: dy where low < x < high, else 0.
/// Throws ShapeError unless low < high.
HOURGLASS_API Value clip(Value x, float low, float high);

}  // namespace hourglass

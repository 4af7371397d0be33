#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// x where x > 0, else slope x.  x: any shape, slope in (0, 1).
/// Gradient, from the output y: dy where y > 0, else slope dy.
/// Throws ShapeError for a slope outside (0, 1).   A. Maas et al., 2013.
HOURGLASS_API Value leaky_relu(Value x, float slope = 0.01f);

}  // namespace hourglass

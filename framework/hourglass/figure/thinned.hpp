#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/figure/canvas.hpp>

#include <vector>

namespace hourglass::figure {

/// A line that looks the same on a canvas `width` units wide, of fewer points where there are many:
/// of those in one column of pixels, the lowest and the highest.
HOURGLASS_API std::vector<Point> thinned(const std::vector<Point>& line, double width);

}  // namespace hourglass::figure

#pragma once

#include <hourglass/statistics/curvature.hpp>
#include <hourglass/statistics/lbfgs.hpp>

#include <optional>
#include <utility>
#include <vector>

namespace hourglass {

/// Goes from `point` to where its slope vanishes, or as far as it gets: `search(point, direction)`
/// finds the next point, or none. A Point has `x`, the `value` there, the `gradient` that tells of
/// the curvature, and slope(), which is what has to vanish.
template <class Point, class Search>
Minimum descend(Point point, const LbfgsOptions& options, Search&& search) {
  Minimum result;
  result.first_gradient_norm = norm(point.slope());
  const double enough = options.tolerance * result.first_gradient_norm;
  Curvature curvature(options.history);
  while (norm(point.slope()) > enough && result.iterations < options.most_iterations) {
    std::optional<Point> next = search(point, curvature.direction(point.slope()));
    if (!next) {
      if (curvature.empty()) break;
      curvature.forget();  // what it tells may be rounding: once more, down the slope
      continue;
    }
    curvature.add(difference(next->x, point.x), difference(next->gradient, point.gradient));
    point = std::move(*next);
    ++result.iterations;
  }
  result.gradient_norm = norm(point.slope());
  result.converged = result.gradient_norm <= enough;
  result.value = point.value;
  result.x = std::move(point.x);
  return result;
}

}  // namespace hourglass

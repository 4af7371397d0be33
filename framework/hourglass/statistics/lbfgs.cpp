#include <hourglass/statistics/descent.hpp>
#include <hourglass/statistics/lbfgs.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

namespace hourglass {
namespace {

using Vector = std::vector<double>;

constexpr double kDecrease = 1e-4, kCurvature = 0.9;  // of the Wolfe conditions
constexpr double kRounding = 1e-8;                    // of values
constexpr int kMostTrials = 40;

// A point with the function's value and gradient there.
struct Point {
  Vector x, gradient;
  double value = 0;
  const Vector& slope() const { return gradient; }
};

// Along a convex function slopes only rise, so their sign says on which side the minimum is.
std::optional<Point> search(const DifferentiableFunction& function, const Point& from,
                            const Vector& along) {
  const double slope = dot(from.gradient, along);
  if (!(slope < 0)) return std::nullopt;
  double low = 0, high = 0, low_slope = slope, high_slope = 0, step = 1;
  Point point;
  point.gradient.resize(from.x.size());
  for (int trial = 0; trial < kMostTrials; ++trial) {
    point.x = from.x;
    add_scaled(point.x, step, along);
    point.value = function(point.x, point.gradient);
    const double here = dot(point.gradient, along);
    const bool falls = point.value <= from.value + kDecrease * step * slope +
                                          kRounding * std::max(1.0, std::abs(from.value));
    if (falls && std::abs(here) <= kCurvature * std::abs(slope)) return point;
    if (falls && here < 0) {
      low = step;
      low_slope = here;
    } else {
      high = step;
      high_slope = here;
    }
    if (high == 0) {
      step *= 2;
      continue;
    }
    // Where the slope would vanish if it were linear, but well inside.
    const double width = high - low;
    const double guess =
        high_slope > 0 ? low - low_slope * width / (high_slope - low_slope) : low + width / 2;
    step = std::clamp(guess, low + 0.1 * width, high - 0.1 * width);
    if (!std::isfinite(step)) step = low + width / 2;
  }
  return std::nullopt;
}

}  // namespace

Minimum minimise_convex(const DifferentiableFunction& function, Vector start,
                        const LbfgsOptions& options) {
  Point point{std::move(start), {}, 0};
  point.gradient.resize(point.x.size());
  point.value = function(point.x, point.gradient);
  return descend(std::move(point), options, [&](const Point& from, const Vector& along) {
    return search(function, from, along);
  });
}

}  // namespace hourglass

#include <hourglass/statistics/descent.hpp>
#include <hourglass/statistics/orthant_wise.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>

namespace hourglass {
namespace {

using Numbers = std::vector<double>;

constexpr double kLeastDecrease = 1e-4;  // of what the slope promises
constexpr double kValueRounding = 1e-8;  // of values, which may come of f32
constexpr int kMostHalvings = 40;

// A point with the smooth part's gradient and the least subgradient of the whole there.
struct L1Point {
  Numbers x, gradient, subgradient;
  double value = 0;  // of the whole
  const Numbers& slope() const { return subgradient; }
};

double sign(double value) { return value > 0 ? 1 : value < 0 ? -1 : 0; }

L1Point point_at(const DifferentiableFunction& function, std::span<const double> l1, Numbers x) {
  L1Point point{std::move(x), Numbers(l1.size()), Numbers(l1.size()), 0};
  point.value = function(point.x, point.gradient);
  for (std::size_t i = 0; i < l1.size(); ++i) {
    const double slope = point.gradient[i];
    point.value += l1[i] * std::abs(point.x[i]);
    point.subgradient[i] = point.x[i] != 0 ? slope + l1[i] * sign(point.x[i])
                                           : sign(slope) * std::max(std::abs(slope) - l1[i], 0.0);
  }
  return point;
}

// Halves the step until the value falls. What would change its sign stops at 0.
std::optional<L1Point> search_orthant(const DifferentiableFunction& function,
                                      std::span<const double> l1, const L1Point& from,
                                      Numbers along) {
  Numbers orthant(l1.size());
  for (std::size_t i = 0; i < l1.size(); ++i) {
    if (l1[i] == 0) continue;
    if (along[i] * from.subgradient[i] >= 0) along[i] = 0;  // it would climb
    orthant[i] = from.x[i] != 0 ? sign(from.x[i]) : -sign(from.subgradient[i]);
  }
  if (!(dot(along, from.subgradient) < 0)) return std::nullopt;
  double step = 1;
  for (int trial = 0; trial < kMostHalvings; ++trial, step /= 2) {
    Numbers x = from.x;
    add_scaled(x, step, along);
    for (std::size_t i = 0; i < l1.size(); ++i) {
      if (l1[i] != 0 && x[i] * orthant[i] <= 0) x[i] = 0;
    }
    const double promised = dot(from.subgradient, difference(x, from.x));
    L1Point point = point_at(function, l1, std::move(x));
    if (point.value <= from.value + kLeastDecrease * promised +
                           kValueRounding * std::max(1.0, std::abs(from.value))) {
      return point;
    }
  }
  return std::nullopt;
}

}  // namespace

Minimum minimise_with_l1(const DifferentiableFunction& function, std::span<const double> l1,
                         std::vector<double> start, const LbfgsOptions& options) {
  return descend(point_at(function, l1, std::move(start)), options,
                 [&](const L1Point& from, Numbers along) {
                   return search_orthant(function, l1, from, std::move(along));
                 });
}

}  // namespace hourglass

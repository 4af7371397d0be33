#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace hourglass {

/// Where a set of points lies, as far as they tell: balls about each of them that reach to its
/// `neighbours`-th nearest other one. What part of one set lies in the manifold of another is
/// precision, of generated points in that of real ones, and recall, of real points in that of
/// generated ones.
///     const Manifold real(test, 3), made(samples, 3);
///     const double precision = real.part_within(samples), recall = made.part_within(test);
/// T. Kynkaanniemi et al., "Improved precision and recall metric for assessing generative models",
/// 2019.
class HOURGLASS_API Manifold {
 public:
  /// points: f32 [n, size], which are kept. Of equal points each is the other's neighbour at
  /// distance 0. Throws ConfigError unless neighbours is in [1, n - 1].
  Manifold(const Tensor& points, std::int64_t neighbours);

  /// The part of points [m, size] that lie in one ball at least; its edge belongs to it. m is at
  /// least 1. Distances are Euclidean, in double, the same between the same two points wherever
  /// they are computed, so that ties are ties. Throws ShapeError for points of another size.
  double part_within(const Tensor& points) const;

  /// The square of each ball's radius, in the order of the points.
  std::span<const double> squared_radii() const { return squared_radii_; }

 private:
  Tensor points_;
  std::vector<double> squared_radii_;
};

}  // namespace hourglass

#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>

namespace hourglass {

/// The squared Frechet distance between the normal distributions that have the means and
/// covariances of two sets of points, x: [n, size] and y: [m, size], f32, n and m at least 2:
///     |mean_x - mean_y|^2 + tr(C_x) + tr(C_y) - 2 tr((R C_y R)^(1/2)),  R = C_x^(1/2),
/// covariances divided by n - 1. Both roots are those of symmetric matrices, from eigenvalues, of
/// which rounding leaves none below 0: so singular covariances are as good as others. 0 where both
/// have equal moments; never below 0. In double, by one thread.
/// Few points give a greater distance than many: only distances of equally many compare.
/// D. C. Dowson, B. V. Landau, "The Frechet distance between multivariate normal distributions",
/// 1982; for generated samples M. Heusel et al., 2017.
/// Throws ShapeError for less than two points and for sizes that differ, DataError for points that
/// are not finite.
HOURGLASS_API double frechet_distance(const Tensor& x, const Tensor& y);

}  // namespace hourglass

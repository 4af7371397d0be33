#include <hourglass/core/error.hpp>
#include <hourglass/statistics/frechet_distance.hpp>
#include <hourglass/statistics/linear_algebra.hpp>

#include <algorithm>

namespace hourglass {
namespace {

struct NormalFit {
  Eigen::VectorXd mean;
  Eigen::MatrixXd covariance;
};

NormalFit normal_fit(const Tensor& points) {
  if (points.shape().rank() != 2 || points.shape()[0] < 2) {
    throw ShapeError(text("[frechet_distance] needs two points at least, [points, size]; got ",
                          points.shape().to_text()));
  }
  using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::Map<const Rows> rows(points.floats().data(), points.shape()[0], points.shape()[1]);
  if (!rows.allFinite()) throw DataError("[frechet_distance] some of the points are not finite");
  NormalFit fit;
  fit.mean = rows.cast<double>().colwise().mean().transpose();
  const Eigen::MatrixXd centred = rows.cast<double>().rowwise() - fit.mean.transpose();
  fit.covariance = inner_products(centred, centred) / static_cast<double>(rows.rows() - 1);
  return fit;
}

Eigen::VectorXd roots_of(const Eigen::VectorXd& eigenvalues) {
  return eigenvalues.cwiseMax(0).cwiseSqrt();
}

Eigen::MatrixXd symmetric_root(const Eigen::MatrixXd& matrix) {
  const Spectrum spectrum = spectrum_of(matrix);
  return spectrum.with_values(roots_of(spectrum.values));
}

double trace_of_root(const Eigen::MatrixXd& matrix) {
  return roots_of(eigenvalues_of(0.5 * (matrix + matrix.transpose()))).sum();
}

}  // namespace

double frechet_distance(const Tensor& x, const Tensor& y) {
  const NormalFit a = normal_fit(x), b = normal_fit(y);
  if (a.mean.size() != b.mean.size()) {
    throw ShapeError(text("[frechet_distance] points must be of one size: got ",
                          x.shape().to_text(), " and ", y.shape().to_text()));
  }
  const Eigen::MatrixXd root = symmetric_root(a.covariance);
  const double apart = (a.mean - b.mean).squaredNorm();
  const double traces = a.covariance.trace() + b.covariance.trace();
  return std::max(0.0,
                  apart + traces - 2 * trace_of_root(product(root, product(b.covariance, root))));
}

}  // namespace hourglass

#pragma once

// One thread, so that results depend on no thread count.
#define EIGEN_DONT_PARALLELIZE
#include <Eigen/Core>

#include <optional>

namespace hourglass {

// Eigen's products and factorisations take the compiler seconds each: they are compiled here once.
// What goes element by element is written with Eigen where it is needed.

/// A matrix of doubles, or some of its columns side by side, not copied.
using MatrixView = Eigen::Ref<const Eigen::MatrixXd, 0, Eigen::OuterStride<>>;

/// a b.
Eigen::MatrixXd product(const MatrixView& a, const MatrixView& b);
/// a^T b: the inner products of columns.
Eigen::MatrixXd inner_products(const MatrixView& a, const MatrixView& b);
/// a a^T.
Eigen::MatrixXd outer_products(const MatrixView& a);

/// Of a symmetric matrix: eigenvalues, rising, and an eigenvector to each in a column.
struct Spectrum {
  Eigen::VectorXd values;
  Eigen::MatrixXd vectors;

  /// The matrix with the same eigenvectors and other eigenvalues.
  Eigen::MatrixXd with_values(const Eigen::VectorXd& others) const;
};
Spectrum spectrum_of(const Eigen::MatrixXd& symmetric);
/// The eigenvalues alone, in a fraction of the time.
Eigen::VectorXd eigenvalues_of(const Eigen::MatrixXd& symmetric);

/// The lower triangle L of a symmetric matrix L L^T (Cholesky's), zero above the diagonal; nothing
/// where not all eigenvalues are above zero.
std::optional<Eigen::MatrixXd> lower_factor(const Eigen::MatrixXd& symmetric);
/// Puts x with L x = b into b, for each column.
void solve_lower(const Eigen::MatrixXd& lower, Eigen::MatrixXd& b);

/// Orthonormal columns, as many, that span what the columns of `a` do.
Eigen::MatrixXd orthonormal(const Eigen::MatrixXd& a);

}  // namespace hourglass

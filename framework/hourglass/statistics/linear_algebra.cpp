#include <hourglass/statistics/linear_algebra.hpp>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <Eigen/QR>

namespace hourglass {

using Eigen::MatrixXd;
using Eigen::VectorXd;

// Eigen reads beyond matrices without rows, hence the questions for empty ones.

MatrixXd product(const MatrixView& a, const MatrixView& b) {
  if (a.cols() == 0) return MatrixXd::Zero(a.rows(), b.cols());
  return a * b;
}

MatrixXd inner_products(const MatrixView& a, const MatrixView& b) {
  if (a.rows() == 0) return MatrixXd::Zero(a.cols(), b.cols());
  return a.transpose() * b;
}

MatrixXd outer_products(const MatrixView& a) {
  MatrixXd lower = MatrixXd::Zero(a.rows(), a.rows());
  if (a.rows() > 0) lower.selfadjointView<Eigen::Lower>().rankUpdate(a);
  return lower.selfadjointView<Eigen::Lower>();
}

MatrixXd Spectrum::with_values(const VectorXd& others) const {
  return product(vectors * others.asDiagonal(), vectors.transpose());
}

Spectrum spectrum_of(const MatrixXd& symmetric) {
  const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(symmetric);
  return {solver.eigenvalues(), solver.eigenvectors()};
}

VectorXd eigenvalues_of(const MatrixXd& symmetric) {
  return Eigen::SelfAdjointEigenSolver<MatrixXd>(symmetric, Eigen::EigenvaluesOnly).eigenvalues();
}

std::optional<MatrixXd> lower_factor(const MatrixXd& symmetric) {
  const Eigen::LLT<MatrixXd> factor(symmetric);
  if (factor.info() != Eigen::Success) return std::nullopt;
  return factor.matrixL();
}

void solve_lower(const MatrixXd& lower, MatrixXd& b) {
  lower.triangularView<Eigen::Lower>().solveInPlace(b);
}

MatrixXd orthonormal(const MatrixXd& a) {
  return Eigen::HouseholderQR<MatrixXd>(a).householderQ() * MatrixXd::Identity(a.rows(), a.cols());
}

}  // namespace hourglass

#include <hourglass/evaluate/dci.hpp>
#include <hourglass/evaluate/linear_probe.hpp>
#include <hourglass/statistics/logistic_regression.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hourglass {
namespace {

// 1 - entropy of the shares of a sum, to the base of their number; that of one share is 0.
double concentration(const std::vector<double>& shares, double sum) {
  double result = 0;
  for (const double share : shares) {
    const double part = share / sum;
    if (part > 0) result -= part * std::log(part);
  }
  return shares.size() == 1 ? 1 : 1 - result / std::log(static_cast<double>(shares.size()));
}

// The mean over rows, each weighted by its part of the whole.
double mean_concentration(const Importance& rows) {
  double result = 0, total = 0;
  for (const std::vector<double>& row : rows) {
    const double sum = std::reduce(row.begin(), row.end());
    if (sum > 0) result += sum * concentration(row, sum);
    total += sum;
  }
  return total > 0 ? result / total : 0;
}

// Rows of codes with what takes mean and deviation of the first `fitted` away; a constant code is
// 0.
Tensor standardised(const Tensor& codes, std::int64_t first, std::int64_t count,
                    std::int64_t fitted) {
  const std::int64_t width = codes.shape()[1];
  Tensor result(Shape{count, width});
  for (std::int64_t d = 0; d < width; ++d) {
    const float* from = codes.floats().data() + d;
    double mean = 0, squares = 0;
    for (std::int64_t i = 0; i < fitted; ++i) mean += from[i * width] / static_cast<double>(fitted);
    for (std::int64_t i = 0; i < fitted; ++i) {
      squares += (from[i * width] - mean) * (from[i * width] - mean);
    }
    const double deviation = std::sqrt(squares / static_cast<double>(fitted));
    for (std::int64_t i = 0; i < count; ++i) {
      const double distance = from[(first + i) * width] - mean;
      result.floats()[static_cast<std::size_t>(i * width + d)] =
          static_cast<float>(deviation > 0 ? distance / deviation : 0);
    }
  }
  return result;
}

}  // namespace

double dci_disentanglement(const Importance& importance) { return mean_concentration(importance); }

double dci_completeness(const Importance& importance) {
  if (importance.empty()) return 0;
  Importance of_factors(importance.front().size(), std::vector<double>(importance.size()));
  for (std::size_t d = 0; d < importance.size(); ++d) {
    for (std::size_t k = 0; k < of_factors.size(); ++k) of_factors[k][d] = importance[d][k];
  }
  return mean_concentration(of_factors);
}

Dci measure_dci(const Tensor& codes, std::span<const DiscreteFactor> factors, std::int64_t fitted,
                std::int64_t tried, double l1) {
  const auto width = static_cast<std::size_t>(codes.shape()[1]);
  const Tensor training = standardised(codes, 0, fitted, fitted);
  const Tensor rest = standardised(codes, fitted, tried, fitted);
  Dci dci;
  dci.importance.assign(width, std::vector<double>(factors.size()));
  for (std::size_t k = 0; k < factors.size(); ++k) {
    const LogisticRegression regression = fit_sparse_logistic_regression(
        training, factors[k].part(0, fitted), factors[k].count, l1, {.tolerance = kDciTolerance});
    dci.converged = dci.converged && regression.fit.converged;
    const auto weights = regression.weight.floats();
    for (std::size_t i = 0; i < weights.size(); ++i) {
      dci.importance[i % width][k] += std::abs(double{weights[i]});
    }
    dci.informativeness += part_found(regression.classify(rest), factors[k].part(fitted, tried)) /
                           static_cast<double>(factors.size());
  }
  dci.disentanglement = dci_disentanglement(dci.importance);
  dci.completeness = dci_completeness(dci.importance);
  return dci;
}

}  // namespace hourglass

#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>
#include <hourglass/statistics/lbfgs.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace hourglass {

/// The objective of multinomial logistic regression on rows x: [rows, features] of known classes,
///     mean over rows of -log softmax(W x + b)_class + l2 / 2 |W|^2,
/// as a function of the parameters, W: [classes, features] and then b: [classes]. Products are f32
/// over blocks of rows, all sums beyond double and in order: the same for any number of threads.
class HOURGLASS_API LogisticObjective {
 public:
  /// `x` and `classes`, each in [0, class_count), must outlive the objective.
  LogisticObjective(const Tensor& x, std::span<const std::int32_t> classes,
                    std::int64_t class_count, double l2);
  ~LogisticObjective();

  std::size_t parameters() const;
  double operator()(std::span<const double> parameters, std::span<double> gradient);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

struct HOURGLASS_API LogisticRegression {
  Tensor weight;  ///< [classes, features]
  Tensor bias;    ///< [classes]
  Minimum fit;    ///< how the fit ended

  /// The most probable class of each row of x: [rows, features]; the lowest where several are.
  std::vector<std::int32_t> classify(const Tensor& x) const;
};

/// Fits from zero with minimise_convex.
HOURGLASS_API LogisticRegression fit_logistic_regression(const Tensor& x,
                                                         std::span<const std::int32_t> classes,
                                                         std::int64_t class_count, double l2,
                                                         const LbfgsOptions& options = {});

/// The same with an L1 penalty of the weights in place of l2, with minimise_with_l1:
///     mean over rows of -log softmax(W x + b)_class + l1 sum |W|,
/// in which weights of what does not help are exactly 0.
HOURGLASS_API LogisticRegression fit_sparse_logistic_regression(
    const Tensor& x, std::span<const std::int32_t> classes, std::int64_t class_count, double l1,
    const LbfgsOptions& options = {});

}  // namespace hourglass

#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>
#include <hourglass/evaluate/features_of.hpp>
#include <hourglass/statistics/logistic_regression.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace hourglass {

/// The part of samples whose class was found. Both are of one length, which is not 0.
HOURGLASS_API double part_found(std::span<const std::int32_t> found,
                                std::span<const std::int32_t> classes);

/// What brings codes near 1, so that one penalty on a classifier's weights suits codes of any size:
///     (x - mean of the training codes) / root of the mean of their squares,
/// the mean each feature's own, the divisor one for all.
class HOURGLASS_API CommonScale {
 public:
  /// `training`: [rows, features]. The divisor is 1 where all is 0.
  explicit CommonScale(const Tensor& training);
  /// Scales rows [any, features] where they are, for all tensors that share them.
  void apply(Tensor& rows) const;

 private:
  std::vector<double> means_;
  double divisor_ = 1;
};

/// A linear classifier of codes: multinomial logistic regression fitted once, to codes of training
/// samples and their classes, and tried on others as often as wanted. See LogisticObjective.
///
///     const LinearProbe probe(codes_of(model, train, 0), classes_of(train));
///     const double accuracy = probe.accuracy(codes_of(model, test, 2), classes_of(test));
class HOURGLASS_API LinearProbe {
 public:
  static constexpr double kL2 = 1e-4;

  /// codes: [rows, features], which CommonScale brings near 1; two classes at least.
  LinearProbe(const Tensor& codes, std::span<const std::int32_t> classes, double l2 = kL2);
  /// The part of codes [rows, features] whose class is the most probable one.
  double accuracy(const Tensor& codes, std::span<const std::int32_t> classes) const;

 private:
  CommonScale scale_;
  LogisticRegression regression_;
};

}  // namespace hourglass

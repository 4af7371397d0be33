#pragma once

#include <hourglass/core/api.hpp>

#include <cstddef>
#include <cstdint>

namespace hourglass {

/// Squared errors of outputs y against clean samples x, in double, one sample after another:
///
///     SquaredErrors errors(features);
///     errors.add(x, y, samples);   // [samples, features] each, as often as there are batches
class HOURGLASS_API SquaredErrors {
 public:
  explicit SquaredErrors(std::int64_t features) : features_(features) {}
  void add(const float* x, const float* y, std::size_t samples);

  /// The mean of (x - y)^2 over samples and features.
  double per_feature() const;
  /// The mean over samples of 10 log10(1 / mean over features of (x - y)^2), in dB: for images
  /// whose samples lie in [0, 1]. Infinite where any sample is met exactly.
  double psnr() const { return psnr_ / static_cast<double>(samples_); }
  /// Whether all of x lie in [0, 1].
  bool within_unit() const { return within_unit_; }

 private:
  std::int64_t features_;
  std::size_t samples_ = 0;
  double squared_ = 0;
  double psnr_ = 0;
  bool within_unit_ = true;
};

}  // namespace hourglass

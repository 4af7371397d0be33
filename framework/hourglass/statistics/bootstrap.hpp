#pragma once

#include <hourglass/core/api.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace hourglass {

/// Where a quantity probably lies.
struct Interval {
  double low = 0;
  double high = 0;
};

/// How often each of n values is drawn in each of many samples of n values with replacement. It
/// depends on n alone (random numbers are counted, from a fixed seed), so that all quantities of n
/// values share it, and equal values give equal intervals.
class HOURGLASS_API Resamples {
 public:
  /// `count` resamples; 0: 10,000, or fewer where there are more than 2,000 values, which need
  /// less.
  explicit Resamples(std::size_t values, std::size_t count = 0);

  std::size_t values() const { return values_; }
  std::size_t count() const { return count_; }
  /// The mean of `values` in each resample. As many values as this was made for.
  std::vector<double> means(std::span<const double> values) const;

 private:
  std::size_t values_;
  std::size_t count_;
  std::vector<std::uint8_t> times_;  // [values, count]
};

/// Resamples by how many values they are of, each made when it is first asked for. Threads may
/// share one.
class HOURGLASS_API ResampleCache {
 public:
  const Resamples& of(std::size_t values);

 private:
  std::mutex mutex_;
  std::map<std::size_t, std::unique_ptr<Resamples>> made_;
};

/// The 95 % interval of a mean by the bootstrap, bias-corrected and accelerated (BCa): the
/// quantiles
///     Phi(z0 + (z0 + z) / (1 - a (z0 + z))),   z = -+1.96,
/// of the resamples' means, where Phi(z0) is the part of them below the mean (ties count half) and
/// a is the acceleration, by the jackknife: sum d^3 / (6 (sum d^2)^(3/2)), d = mean without value i
/// subtracted from the mean of such means. It supposes no shape of the values' distribution, and is
/// too narrow for few of them. At least two values, all finite; equal ones give that value twice.
/// B. Efron, "Better bootstrap confidence intervals", 1987.
HOURGLASS_API Interval bca_interval(std::span<const double> values, const Resamples& resamples);

}  // namespace hourglass

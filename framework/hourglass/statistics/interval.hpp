#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/statistics/bootstrap.hpp>

#include <cstddef>
#include <span>

namespace hourglass {

/// From this many values on the interval of a mean comes from the bootstrap; with fewer, resampling
/// them says too little about the tails.
inline constexpr std::size_t kLeastForBootstrap = 10;

/// What n independent values, such as one metric over seeds, say about the mean behind them.
struct Estimate {
  std::size_t n = 0;
  double mean = 0;  ///< NaN without values
  double sd = 0;    ///< of the sample, divided by n - 1; NaN below two values
  Interval interval = {};
};

/// sum x / n, by two passes; NaN without values.
HOURGLASS_API double mean_of(std::span<const double> values);
/// sqrt(sum (x - mean)^2 / (n - 1)); exactly 0 where all values are equal, NaN below two.
HOURGLASS_API double standard_deviation(std::span<const double> values);

/// The 95 % interval of a mean by Student's t: mean -+ t(0.975; n - 1) sd / sqrt(n). It supposes
/// that values are roughly normal. NaN on both ends below two values.
HOURGLASS_API Interval t_interval(std::span<const double> values);

/// Mean, deviation and 95 % interval: by Student's t below `kLeastForBootstrap` values, by BCa from
/// there. `resamples` keeps what values of the same count share. Values must be finite.
HOURGLASS_API Estimate estimate(std::span<const double> values, ResampleCache& resamples);

}  // namespace hourglass

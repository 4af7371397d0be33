#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/statistics/interval.hpp>

#include <span>

namespace hourglass {

/// What the differences of pairs, such as two variants on the same seeds, say.
struct PairedTest {
  Estimate difference;
  /// Of Student's paired t-test, two-sided: how often a mean difference at least as far from 0
  /// would come about if there were none. NaN below two pairs.
  double p = 0;
};

/// Compares a with b pair by pair, on a[i] - b[i], whose interval is that of `estimate`. What both
/// of a pair have in common, such as a seed that makes the task hard, drops out. Where all
/// differences are equal the test has nothing to go by: p is 0, or 1 where they are all 0.
/// a and b: [n], all finite.  "Student", "The probable error of a mean", 1908.
HOURGLASS_API PairedTest paired_test(std::span<const double> a, std::span<const double> b,
                                     ResampleCache& resamples);

}  // namespace hourglass

#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/statistics/interval.hpp>

#include <span>

namespace hourglass {

/// What the differences of pairs, such as two variants on the same seeds, say.
struct PairedTest {
  Estimate difference;
  /// Of Student's paired t-test, two-sided: how often a mean difference at least as far from 0
  /// would come about if there were none. NaN below two pairs. Where all differences are equal but
  /// for rounding no deviation says how far they could lie from each other: then p is at least
  /// 2^(1 - n), how often all n have one sign where both are as likely; 1 where they are 0.
  double p = 0;
};

/// Compares a with b pair by pair, on a[i] - b[i], whose interval is that of `estimate`. What both
/// of a pair have in common, such as a seed that makes the task hard, drops out.
/// a and b: [n], all finite.  "Student", "The probable error of a mean", 1908.
HOURGLASS_API PairedTest paired_test(std::span<const double> a, std::span<const double> b,
                                     ResampleCache& resamples);

}  // namespace hourglass

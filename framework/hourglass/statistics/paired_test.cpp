#include <hourglass/statistics/paired_test.hpp>

#include <boost/math/distributions/students_t.hpp>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <vector>

namespace hourglass {

namespace {

/// Parts of the greatest value below which differences of values are rounding.
constexpr double kPairRounding = 1e-12;

double largest_of(std::span<const double> values) {
  double largest = 0;
  for (const double value : values) largest = std::max(largest, std::abs(value));
  return largest;
}

double p_by_t(const Estimate& difference) {
  const auto count = static_cast<double>(difference.n);
  const double t = std::abs(difference.mean) / difference.sd * std::sqrt(count);
  if (std::isinf(t)) return 0;
  const boost::math::students_t distribution(count - 1);
  return 2 * boost::math::cdf(boost::math::complement(distribution, t));
}

double p_value(const Estimate& difference, double rounding) {
  if (difference.n < 2) return std::numeric_limits<double>::quiet_NaN();
  if (difference.sd > rounding) return p_by_t(difference);
  if (std::abs(difference.mean) <= rounding) return 1;
  return std::max(p_by_t(difference), std::ldexp(1.0, 1 - static_cast<int>(difference.n)));
}

}  // namespace

PairedTest paired_test(std::span<const double> a, std::span<const double> b,
                       ResampleCache& resamples) {
  assert(a.size() == b.size());
  std::vector<double> differences(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) differences[i] = a[i] - b[i];
  PairedTest test{.difference = estimate(differences, resamples)};
  test.p = p_value(test.difference, kPairRounding * std::max(largest_of(a), largest_of(b)));
  return test;
}

}  // namespace hourglass

#include <hourglass/statistics/paired_test.hpp>

#include <boost/math/distributions/students_t.hpp>

#include <cassert>
#include <cmath>
#include <limits>
#include <vector>

namespace hourglass {

namespace {

double p_value(const Estimate& difference) {
  if (difference.n < 2) return std::numeric_limits<double>::quiet_NaN();
  if (difference.mean == 0) return 1;
  const auto count = static_cast<double>(difference.n);
  const double t = std::abs(difference.mean) / difference.sd * std::sqrt(count);
  if (std::isinf(t)) return 0;  // all differences are equal
  const boost::math::students_t distribution(count - 1);
  return 2 * boost::math::cdf(boost::math::complement(distribution, t));
}

}  // namespace

PairedTest paired_test(std::span<const double> a, std::span<const double> b,
                       ResampleCache& resamples) {
  assert(a.size() == b.size());
  std::vector<double> differences(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) differences[i] = a[i] - b[i];
  PairedTest test{.difference = estimate(differences, resamples)};
  test.p = p_value(test.difference);
  return test;
}

}  // namespace hourglass

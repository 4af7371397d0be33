#include <hourglass/statistics/interval.hpp>

#include <boost/math/distributions/students_t.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace hourglass {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kUpper = 0.975;

bool all_equal(std::span<const double> values) {
  return std::ranges::all_of(values, [&](double value) { return value == values.front(); });
}

}  // namespace

double mean_of(std::span<const double> values) {
  if (values.empty()) return kNaN;
  if (all_equal(values)) return values.front();
  const auto count = static_cast<double>(values.size());
  double sum = 0, rest = 0;
  for (const double value : values) sum += value / count;  // divided first: no overflow
  for (const double value : values) rest += (value - sum) / count;
  return std::isfinite(rest) ? sum + rest : sum;
}

double standard_deviation(std::span<const double> values) {
  if (values.size() < 2) return kNaN;
  if (all_equal(values)) return 0;
  const double mean = mean_of(values);
  // Scaled by the largest difference, so that no square overflows or vanishes.
  double largest = 0;
  for (const double value : values) largest = std::max(largest, std::abs(value - mean));
  if (largest == 0 || !std::isfinite(largest)) return largest;
  double sum = 0;
  for (const double value : values) sum += std::pow((value - mean) / largest, 2);
  return largest * std::sqrt(sum / static_cast<double>(values.size() - 1));
}

Interval t_interval(std::span<const double> values) {
  if (values.size() < 2) return {kNaN, kNaN};
  const auto count = static_cast<double>(values.size());
  const boost::math::students_t distribution(count - 1);
  const double half =
      boost::math::quantile(distribution, kUpper) * standard_deviation(values) / std::sqrt(count);
  const double mean = mean_of(values);
  return {mean - half, mean + half};
}

Estimate estimate(std::span<const double> values, ResampleCache& resamples) {
  const bool few = values.size() < kLeastForBootstrap;
  return {.n = values.size(),
          .mean = mean_of(values),
          .sd = standard_deviation(values),
          .interval = few ? t_interval(values) : bca_interval(values, resamples.of(values.size()))};
}

}  // namespace hourglass

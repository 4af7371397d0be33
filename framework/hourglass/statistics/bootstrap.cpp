#include <hourglass/core/random.hpp>
#include <hourglass/statistics/bootstrap.hpp>

#include <boost/math/distributions/normal.hpp>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace hourglass {

namespace {

constexpr std::size_t kMostResamples = 10'000;
constexpr std::size_t kLeastResamples = 1'000;
constexpr std::size_t kMostDraws = 20'000'000;
constexpr double kZ = 1.959963984540054;  // 97.5 % of a standard normal distribution lie below

std::size_t resample_count(std::size_t values) {
  const std::size_t affordable = kMostDraws / std::max<std::size_t>(values, 1);
  return std::clamp(affordable, kLeastResamples, kMostResamples);
}

/// Of a mean: the mean without value i is (n mean - x_i) / (n - 1), so that d = (x_i - mean) / (n -
/// 1) and the factor drops out.
double acceleration(std::span<const double> values, double mean) {
  double largest = 0, squares = 0, cubes = 0;
  for (const double value : values) largest = std::max(largest, std::abs(value - mean));
  for (const double value : values) {
    const double d = (value - mean) / largest;
    squares += d * d;
    cubes += d * d * d;
  }
  return cubes / (6 * std::pow(squares, 1.5));
}

/// Part of the resamples below `mean`, away from 0 and 1 by half a resample. Means that are no
/// further from it than `rounding` tie with it.
double part_below(std::span<const double> means, double mean, double rounding) {
  std::size_t below = 0, equal = 0;
  for (const double each : means) {
    const double distance = each - mean;
    below += distance < -rounding;
    equal += std::abs(distance) <= rounding;
  }
  const auto count = static_cast<double>(means.size());
  const double part = (static_cast<double>(below) + 0.5 * static_cast<double>(equal)) / count;
  return std::clamp(part, 0.5 / count, 1 - 0.5 / count);
}

/// Finds the values at places of the rising order: those of one bin of a histogram are few enough
/// to sort, which is four times as quick as partitioning all.
class Order {
 public:
  explicit Order(std::span<const double> values) : values_(values), places_(kBins + 1) {
    const auto [least, most] = std::ranges::minmax(values);
    least_ = least;
    scale_ = (kBins - 1) / (most - least);
    if (!std::isfinite(scale_)) scale_ = 0;  // all equal, or almost: one bin
    for (const double value : values) ++places_[bin_of(value) + 1];
    for (std::size_t bin = 0; bin < kBins; ++bin) places_[bin + 1] += places_[bin];
  }

  double at(std::size_t place) const {
    const auto above = std::ranges::upper_bound(places_, place);
    const auto bin = static_cast<std::size_t>(above - places_.begin()) - 1;
    std::vector<double> within;
    for (const double value : values_) {
      if (bin_of(value) == bin) within.push_back(value);
    }
    const auto found = within.begin() + static_cast<std::ptrdiff_t>(place - places_[bin]);
    std::ranges::nth_element(within, found);
    return *found;
  }

 private:
  static constexpr std::size_t kBins = 1024;

  std::size_t bin_of(double value) const {
    return static_cast<std::size_t>(static_cast<std::int32_t>((value - least_) * scale_));
  }

  std::span<const double> values_;
  double least_ = 0;
  double scale_ = 0;
  std::vector<std::size_t> places_;  // of each bin's first value
};

}  // namespace

Resamples::Resamples(std::size_t values, std::size_t count)
    : values_(values), count_(count > 0 ? count : resample_count(values)), times_(values * count_) {
  for (std::size_t resample = 0; resample < count_; ++resample) {
    RandomStream random(values_, "bootstrap", resample);
    for (std::size_t draw = 0; draw < values_; ++draw) {
      std::uint8_t& times =
          times_[random.below(static_cast<std::uint32_t>(values_)) * count_ + resample];
      if (times < 255) ++times;  // never reached: 255 of n draws have a chance of 1 in 255!
    }
  }
}

std::vector<double> Resamples::means(std::span<const double> values) const {
  assert(values.size() == values_);
  std::vector<double> sums(count_, 0.0);
  for (std::size_t i = 0; i < values_; ++i) {
    const double part = values[i] / static_cast<double>(values_);
    const std::uint8_t* times = times_.data() + i * count_;
    for (std::size_t resample = 0; resample < count_; ++resample) {
      sums[resample] += part * times[resample];
    }
  }
  return sums;
}

const Resamples& ResampleCache::of(std::size_t values) {
  const std::lock_guard lock(mutex_);
  std::unique_ptr<Resamples>& resamples = made_[values];
  if (!resamples) resamples = std::make_unique<Resamples>(values);
  return *resamples;
}

Interval bca_interval(std::span<const double> values, const Resamples& resamples) {
  const auto [least, most] = std::ranges::minmax(values);
  const bool measurable = std::isfinite(most - least);
  if (least == most || !measurable) return {least, most};
  // By differences from one value, which lose no digits where all are alike.
  const double origin = values.front();
  std::vector<double> moved(values.begin(), values.end());
  double mean = 0;
  for (double& value : moved) {
    value -= origin;
    mean += value / static_cast<double>(moved.size());
  }
  const std::vector<double> means = resamples.means(moved);
  // Of values such as accuracies many resamples have the very mean, added up in another order. Each
  // of n additions rounds by half an epsilon of the sum at most, in either mean.
  const double rounding = static_cast<double>(moved.size()) *
                          std::numeric_limits<double>::epsilon() *
                          std::max(std::abs(least - origin), std::abs(most - origin));
  const boost::math::normal normal;
  const double z0 = boost::math::quantile(normal, part_below(means, mean, rounding));
  const double a = acceleration(moved, mean);
  const auto place = [&](double z) {
    const double scale = 1 - a * (z0 + z);
    // Beyond the pole the corrected quantile has gone all the way to that end.
    const double moved_z = scale > 0 ? z0 + (z0 + z) / scale : z > 0 ? 1e3 : -1e3;
    const double at = boost::math::cdf(normal, moved_z) * static_cast<double>(means.size());
    const auto last = static_cast<double>(means.size() - 1);
    return static_cast<std::size_t>(std::clamp(std::floor(at), 0.0, last));
  };
  const Order order(means);
  return {origin + order.at(place(-kZ)), origin + order.at(place(kZ))};
}

}  // namespace hourglass

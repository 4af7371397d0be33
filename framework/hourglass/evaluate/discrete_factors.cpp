#include <hourglass/core/text.hpp>
#include <hourglass/evaluate/discrete_factors.hpp>
#include <hourglass/statistics/equal_width_bins.hpp>

#include <algorithm>
#include <utility>

namespace hourglass {
namespace {

template <class T>
std::vector<T> distinct_values(std::vector<T> values) {
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

template <class T>
void set_ranks(DiscreteFactor& factor, const std::vector<T>& values) {
  const std::vector<T> distinct = distinct_values(values);
  factor.count = static_cast<std::int32_t>(distinct.size());
  for (const T value : values) {
    factor.classes.push_back(
        static_cast<std::int32_t>(std::ranges::lower_bound(distinct, value) - distinct.begin()));
  }
}

}  // namespace

std::vector<std::int32_t> DiscreteFactor::part(std::int64_t first, std::int64_t number) const {
  return {classes.begin() + first, classes.begin() + first + number};
}

std::vector<DiscreteFactor> discrete_factors(const Labels& labels) {
  std::vector<DiscreteFactor> factors;
  if (!labels.has_factors()) return factors;
  const std::int64_t samples = labels.factors.shape()[0], columns = labels.factors.shape()[1];
  const auto all = labels.factors.floats();
  for (std::int64_t column = 0; column < columns; ++column) {
    std::vector<float> values;
    for (std::int64_t i = 0; i < samples; ++i) {
      values.push_back(all[static_cast<std::size_t>(i * columns + column)]);
    }
    DiscreteFactor factor;
    const auto place = static_cast<std::size_t>(column);
    factor.name = place < labels.factor_names.size() ? labels.factor_names[place] : text(column);
    factor.binned = distinct_values(values).size() > kMostFactorValues;
    if (factor.binned) {
      set_ranks(factor, equal_width_bins(values, kFactorBins));
    } else {
      set_ranks(factor, values);
    }
    if (factor.count > 1) factors.push_back(std::move(factor));
  }
  return factors;
}

}  // namespace hourglass

#include <hourglass/statistics/curvature.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace hourglass {

double dot(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

double norm(std::span<const double> a) { return std::sqrt(dot(a, a)); }

void add_scaled(std::span<double> a, double factor, std::span<const double> b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] += factor * b[i];
}

std::vector<double> difference(std::span<const double> a, std::span<const double> b) {
  std::vector<double> result(a.begin(), a.end());
  add_scaled(result, -1, b);
  return result;
}

void Curvature::add(std::vector<double> step, std::vector<double> change) {
  const double product = dot(step, change);
  if (product > 0) pairs_.push_back({std::move(step), std::move(change), product});
  if (std::ssize(pairs_) > history_) pairs_.pop_front();
}

std::vector<double> Curvature::direction(std::span<const double> gradient) const {
  std::vector<double> result(gradient.begin(), gradient.end());
  std::vector<double> factors(pairs_.size());
  for (std::size_t i = pairs_.size(); i-- > 0;) {
    factors[i] = dot(pairs_[i].step, result) / pairs_[i].product;
    add_scaled(result, -factors[i], pairs_[i].change);
  }
  const double scale =
      pairs_.empty() ? 1 / std::max(1.0, norm(gradient))
                     : pairs_.back().product / dot(pairs_.back().change, pairs_.back().change);
  for (double& value : result) value *= scale;
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    add_scaled(result, factors[i] - dot(pairs_[i].change, result) / pairs_[i].product,
               pairs_[i].step);
  }
  for (double& value : result) value = -value;
  return result;
}

}  // namespace hourglass

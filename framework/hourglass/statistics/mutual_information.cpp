#include <hourglass/statistics/mutual_information.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace hourglass {
namespace {

std::size_t class_bound(std::span<const std::int32_t> classes) {
  return classes.empty() ? 0 : static_cast<std::size_t>(std::ranges::max(classes)) + 1;
}

double entropy_of_counts(const std::vector<std::int64_t>& counts, std::size_t total) {
  double sum = 0;
  for (const std::int64_t count : counts) {
    if (count == 0) continue;
    const double part = static_cast<double>(count) / static_cast<double>(total);
    sum -= part * std::log(part);
  }
  return sum;
}

}  // namespace

double entropy(std::span<const std::int32_t> classes) {
  std::vector<std::int64_t> counts(class_bound(classes));
  for (const std::int32_t each : classes) ++counts[static_cast<std::size_t>(each)];
  return entropy_of_counts(counts, classes.size());
}

double mutual_information(std::span<const std::int32_t> a, std::span<const std::int32_t> b) {
  const std::size_t width = class_bound(b);
  std::vector<std::int64_t> pairs(class_bound(a) * width);
  for (std::size_t i = 0; i < a.size(); ++i) {
    ++pairs[static_cast<std::size_t>(a[i]) * width + static_cast<std::size_t>(b[i])];
  }
  // Rounding may leave less than nothing.
  return std::max(0.0, entropy(a) + entropy(b) - entropy_of_counts(pairs, a.size()));
}

}  // namespace hourglass

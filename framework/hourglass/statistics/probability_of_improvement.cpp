#include <hourglass/statistics/probability_of_improvement.hpp>

#include <algorithm>
#include <limits>
#include <vector>

namespace hourglass {

double probability_of_improvement(std::span<const double> a, std::span<const double> b,
                                  bool higher) {
  if (a.empty() || b.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::vector<double> sorted(b.begin(), b.end());
  std::ranges::sort(sorted);
  double won = 0;
  for (const double value : a) {
    const auto [first, last] = std::ranges::equal_range(sorted, value);
    const auto beaten = higher ? first - sorted.begin() : sorted.end() - last;
    won += static_cast<double>(beaten) + 0.5 * static_cast<double>(last - first);
  }
  return won / static_cast<double>(a.size()) / static_cast<double>(b.size());
}

}  // namespace hourglass

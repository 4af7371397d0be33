#include <hourglass/statistics/pareto.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace hourglass {

std::vector<std::size_t> pareto_front(std::span<const Costs> all) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!std::isnan(all[i].first) && !std::isnan(all[i].second)) order.push_back(i);
  }
  const auto costs = [&](std::size_t i) { return std::pair(all[i].first, all[i].second); };
  std::ranges::stable_sort(order, {}, costs);
  std::vector<std::size_t> front;
  for (const std::size_t i : order) {
    const bool better = front.empty() || all[i].second < all[front.back()].second;
    if (better || costs(i) == costs(front.back())) front.push_back(i);
  }
  return front;
}

}  // namespace hourglass

#include <hourglass/core/tensor.hpp>
#include <hourglass/graph/memory_plan.hpp>

#include <algorithm>
#include <limits>
#include <numeric>

namespace hourglass {

MemoryPlan plan_memory(std::span<const Lifetime> lifetimes) {
  constexpr std::size_t kAlignment = 64;
  const auto rounded = [&](int i) {
    return (lifetimes[i].bytes + kAlignment - 1) / kAlignment * kAlignment;
  };
  std::vector<int> order(lifetimes.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, [&](int a, int b) { return rounded(a) > rounded(b); });

  MemoryPlan plan{std::vector<std::size_t>(lifetimes.size(), 0), 0};
  std::vector<int> placed;  // by offset
  for (const int i : order) {
    if (lifetimes[i].bytes == 0) continue;
    std::size_t best = 0, best_gap = std::numeric_limits<std::size_t>::max(), end = 0;
    for (const int other : placed) {
      if (lifetimes[other].first > lifetimes[i].last || lifetimes[other].last < lifetimes[i].first)
        continue;
      if (plan.offsets[other] > end) {
        const std::size_t gap = plan.offsets[other] - end;
        if (gap >= rounded(i) && gap < best_gap) {
          best = end;
          best_gap = gap;
        }
      }
      end = std::max(end, plan.offsets[other] + rounded(other));
    }
    plan.offsets[i] = best_gap == std::numeric_limits<std::size_t>::max() ? end : best;
    plan.bytes = std::max(plan.bytes, plan.offsets[i] + rounded(i));
    placed.insert(std::ranges::upper_bound(placed, plan.offsets[i], {},
                                           [&](int each) { return plan.offsets[each]; }),
                  i);
  }
  return plan;
}

void Arena::reserve(std::size_t bytes) {
  if (bytes <= bytes_) return;
  memory_.reset();  // first, so that the old and the new one never stand side by side
  memory_ = allocate_aligned(bytes);
  bytes_ = bytes;
  ++generation_;
}

}  // namespace hourglass

#include <hourglass/statistics/ranking.hpp>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <vector>

namespace hourglass {
namespace {

// Samples of one score: how many are positive, and how many others.
struct Tie {
  double positive = 0;
  double others = 0;
};

// From the highest score to the lowest.
std::vector<Tie> ties(std::span<const float> scores, std::span<const std::uint8_t> positive) {
  assert(scores.size() == positive.size());
  std::vector<std::size_t> order(scores.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, std::greater<>(), [&](std::size_t i) { return scores[i]; });
  std::vector<Tie> result;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || scores[order[i]] != scores[order[i - 1]]) result.emplace_back();
    (positive[order[i]] != 0 ? result.back().positive : result.back().others) += 1;
  }
  return result;
}

Tie total(const std::vector<Tie>& ties) {
  Tie sum;
  for (const Tie& tie : ties) {
    sum.positive += tie.positive;
    sum.others += tie.others;
  }
  return sum;
}

}  // namespace

double auroc(std::span<const float> scores, std::span<const std::uint8_t> positive) {
  const std::vector<Tie> all = ties(scores, positive);
  const auto [positives, others] = total(all);
  if (positives == 0 || others == 0) return std::numeric_limits<double>::quiet_NaN();
  double ranks = 0;  // of the positive samples, the lowest score's being 1
  double below = positives + others;
  for (const Tie& tie : all) {
    const double size = tie.positive + tie.others;
    below -= size;
    ranks += tie.positive * (below + (size + 1) / 2);
  }
  return (ranks - positives * (positives + 1) / 2) / (positives * others);
}

double average_precision(std::span<const float> scores, std::span<const std::uint8_t> positive) {
  const std::vector<Tie> all = ties(scores, positive);
  const auto [positives, others] = total(all);
  if (positives == 0 || others == 0) return std::numeric_limits<double>::quiet_NaN();
  double sum = 0, found = 0, taken = 0;
  for (const Tie& tie : all) {
    found += tie.positive;
    taken += tie.positive + tie.others;
    sum += tie.positive * found / taken;
  }
  return sum / positives;
}

float quantile(std::span<const float> scores, double part) {
  assert(!scores.empty() && part > 0 && part <= 1);
  std::vector<float> sorted(scores.begin(), scores.end());
  const auto count = static_cast<double>(sorted.size());
  // 0.95 of 20 is 19, though 0.95 is a little more than 19 / 20.
  const auto place = static_cast<std::size_t>(std::ceil(count * part * (1 - 1e-12))) - 1;
  std::ranges::nth_element(sorted, sorted.begin() + static_cast<std::ptrdiff_t>(place));
  return sorted[place];
}

}  // namespace hourglass

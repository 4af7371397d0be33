#include <hourglass/compare/rank_groups.hpp>

#include <algorithm>

namespace hourglass::compare {

namespace {

/// A value as a cost, which is better the lower it is.
double as_cost(double value, Direction direction) {
  return direction == Direction::Higher ? -value : value;
}

bool have_same_seeds(const std::vector<MetricSummary*>& metrics) {
  const auto same = [](const SeedValue& a, const SeedValue& b) {
    return a.seed && a.seed == b.seed;
  };
  return metrics.front()->values.size() > 1 &&
         std::ranges::all_of(metrics, [&](const MetricSummary* metric) {
           return std::ranges::equal(metric->values, metrics.front()->values, same);
         });
}

}  // namespace

std::vector<double> ranks_of(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
  std::vector<double> ranks(values.size());
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    end = begin + 1;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    const double shared = (static_cast<double>(begin + end) + 1) / 2;
    for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = shared;
  }
  return ranks;
}

RankedBy rank_groups(std::span<GroupSummary> groups, std::size_t metric, Direction direction) {
  if (direction == Direction::Unknown) return RankedBy::Nothing;
  std::vector<MetricSummary*> ranked;
  for (GroupSummary& group : groups) {
    MetricSummary* summary = group.find(metric);
    if (summary != nullptr && !summary->values.empty()) ranked.push_back(summary);
  }
  if (ranked.empty()) return RankedBy::Nothing;
  std::vector<double> costs(ranked.size());
  if (!have_same_seeds(ranked)) {
    for (std::size_t i = 0; i < ranked.size(); ++i) {
      costs[i] = as_cost(ranked[i]->estimate.mean, direction);
    }
    const std::vector<double> ranks = ranks_of(costs);
    for (std::size_t i = 0; i < ranked.size(); ++i) ranked[i]->rank = ranks[i];
    return RankedBy::Means;
  }
  const std::size_t seeds = ranked.front()->values.size();
  for (MetricSummary* each : ranked) each->rank = 0;
  for (std::size_t seed = 0; seed < seeds; ++seed) {
    for (std::size_t i = 0; i < ranked.size(); ++i) {
      costs[i] = as_cost(ranked[i]->values[seed].value, direction);
    }
    const std::vector<double> ranks = ranks_of(costs);
    for (std::size_t i = 0; i < ranked.size(); ++i) {
      ranked[i]->rank += ranks[i];
    }
  }
  // Once, at the end: groups of equal sums have equal ranks.
  for (MetricSummary* each : ranked) each->rank /= static_cast<double>(seeds);
  return RankedBy::Seeds;
}

}  // namespace hourglass::compare

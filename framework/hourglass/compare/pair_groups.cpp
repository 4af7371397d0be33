#include <hourglass/compare/pair_groups.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/statistics/holm.hpp>
#include <hourglass/statistics/probability_of_improvement.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace hourglass::compare {

namespace {

constexpr double kLevel = 0.05;

/// The values of both on the seeds that both have. Each has a seed once, in rising order.
std::pair<std::vector<double>, std::vector<double>> on_common_seeds(const MetricSummary& a,
                                                                    const MetricSummary& b) {
  std::pair<std::vector<double>, std::vector<double>> both;
  auto at = b.values.begin();
  for (const SeedValue& each : a.values) {
    while (at != b.values.end() && at->seed < each.seed) ++at;
    if (!each.seed || at == b.values.end() || at->seed != each.seed) continue;
    both.first.push_back(each.value);
    both.second.push_back(at->value);
  }
  return both;
}

std::vector<double> all_values(const MetricSummary& metric) {
  std::vector<double> values;
  for (const SeedValue& each : metric.values) values.push_back(each.value);
  return values;
}

void compare_pair(GroupPair& pair, const MetricSummary& a, const MetricSummary& b,
                  Direction direction, ResampleCache& resamples) {
  const auto [first, second] = on_common_seeds(a, b);
  pair.test = paired_test(first, second, resamples);
  pair.probability =
      probability_of_improvement(all_values(a), all_values(b), direction == Direction::Higher);
}

Verdict judge(const GroupPair& pair, Direction direction) {
  if (pair.test.difference.n < 2) return Verdict::TooFewSeeds;
  const Interval& interval = pair.test.difference.interval;
  const bool excludes_zero = interval.low > 0 || interval.high < 0;
  if (!excludes_zero || !(pair.test.p < kLevel)) return Verdict::NotShown;
  if (!(pair.p_adjusted < kLevel)) return Verdict::NotAfterCorrection;
  const bool first_is_higher = interval.low > 0;
  return first_is_higher == (direction == Direction::Higher) ? Verdict::FirstBetter
                                                             : Verdict::SecondBetter;
}

std::vector<GroupPair> pairs_to_make(const std::vector<std::size_t>& members, std::size_t metric,
                                     std::size_t leader) {
  std::vector<GroupPair> pairs;
  for (std::size_t i = 0; i < members.size(); ++i) {
    for (std::size_t j = i + 1; j < members.size(); ++j) {
      const bool of_leader = members[i] == leader || members[j] == leader;
      if (members.size() > kMostForAllPairs && !of_leader) continue;
      const bool swap = members[j] == leader;
      pairs.push_back(
          {.metric = metric, .first = members[swap ? j : i], .second = members[swap ? i : j]});
    }
  }
  return pairs;
}

/// Of all pairs of groups, those that could be compared, as far as numbers of values tell.
std::size_t comparable_pairs(std::span<const GroupSummary> groups, std::size_t metric) {
  const auto able =
      static_cast<std::size_t>(std::ranges::count_if(groups, [metric](const GroupSummary& group) {
        const MetricSummary* summary = group.find(metric);
        return summary != nullptr && summary->values.size() > 1;
      }));
  return able * (able - std::min<std::size_t>(able, 1)) / 2;
}

}  // namespace

std::optional<std::size_t> leader_of(std::span<const GroupSummary> groups, std::size_t metric,
                                     Direction direction) {
  if (direction == Direction::Unknown) return std::nullopt;
  std::optional<std::size_t> best;
  for (const std::size_t least : {std::size_t{2}, std::size_t{1}}) {
    for (std::size_t i = 0; i < groups.size(); ++i) {
      const MetricSummary* summary = groups[i].find(metric);
      if (summary == nullptr || summary->values.size() < least) continue;
      const double mean = summary->estimate.mean;
      const bool better =
          !best || (direction == Direction::Higher ? mean > groups[*best].mean(metric)
                                                   : mean < groups[*best].mean(metric));
      if (better) best = i;
    }
    if (best) return best;
  }
  return best;
}

std::vector<GroupPair> pair_groups(std::span<const GroupSummary> groups, std::size_t metric,
                                   Direction direction, ResampleCache& resamples) {
  const std::optional<std::size_t> leader = leader_of(groups, metric, direction);
  if (!leader) return {};
  std::vector<std::size_t> members;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const MetricSummary* summary = groups[i].find(metric);
    if (summary != nullptr && !summary->values.empty()) members.push_back(i);
  }
  std::vector<GroupPair> pairs = pairs_to_make(members, metric, *leader);
  const auto count = static_cast<std::int64_t>(pairs.size());
  parallel_for(count, 4, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      compare_pair(pairs[i], *groups[pairs[i].first].find(metric),
                   *groups[pairs[i].second].find(metric), direction, resamples);
    }
  });
  std::vector<double> p;
  for (const GroupPair& pair : pairs) p.push_back(pair.test.p);
  const auto known = static_cast<std::size_t>(
      std::ranges::count_if(p, [](double each) { return !std::isnan(each); }));
  const bool with_best_alone = members.size() > kMostForAllPairs;
  const std::size_t comparisons =
      std::max(known, with_best_alone ? comparable_pairs(groups, metric) : 0);
  const std::vector<double> adjusted = holm_adjusted(p, comparisons);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    pairs[i].p_adjusted = adjusted[i];
    pairs[i].adjusted_for = comparisons;
    pairs[i].verdict = judge(pairs[i], direction);
  }
  return pairs;
}

}  // namespace hourglass::compare

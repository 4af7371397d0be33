#pragma once

#include <hourglass/compare/group_summary.hpp>
#include <hourglass/core/api.hpp>
#include <hourglass/statistics/paired_test.hpp>

#include <optional>
#include <span>
#include <vector>

namespace hourglass::compare {

/// Up to this many groups all pairs of them are compared; beyond, each with the best. Which one
/// that is the same values have said, so that p is adjusted for all pairs even so.
inline constexpr std::size_t kMostForAllPairs = 12;

/// What the comparison of two groups shows. One is better only where the interval of the mean
/// difference excludes 0 and the adjusted p is below 0.05. `NotAfterCorrection`: only the
/// adjustment keeps the difference from being shown.
enum class Verdict { FirstBetter, SecondBetter, NotShown, NotAfterCorrection, TooFewSeeds };

/// Two groups compared by one metric over the seeds that both have.
struct GroupPair {
  std::size_t metric = 0;
  std::size_t first = 0;  ///< numbers of groups
  std::size_t second = 0;
  PairedTest test = {};  ///< of the first's values minus the second's
  /// By Holm, over all pairs of groups that have two values of the metric or more, compared or not;
  /// NaN with fewer than two common seeds.
  double p_adjusted = 0;
  std::size_t adjusted_for = 0;  ///< how many comparisons p is adjusted for
  /// That a run of the first is better than one of the second, over all runs of both.
  double probability = 0;
  Verdict verdict = Verdict::TooFewSeeds;
};

/// The group with the best mean, of those with two values or more if there are any; none for a
/// metric without direction, and where no group has it.
HOURGLASS_API std::optional<std::size_t> leader_of(std::span<const GroupSummary> groups,
                                                   std::size_t metric, Direction direction);

/// Compares the groups that have a metric with a direction.
HOURGLASS_API std::vector<GroupPair> pair_groups(std::span<const GroupSummary> groups,
                                                 std::size_t metric, Direction direction,
                                                 ResampleCache& resamples);

}  // namespace hourglass::compare

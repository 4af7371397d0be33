#pragma once

#include <hourglass/compare/group_summary.hpp>
#include <hourglass/core/api.hpp>

#include <span>
#include <vector>

namespace hourglass::compare {

/// Ranks from 1, the least value first; equal values share the mean of their ranks.
HOURGLASS_API std::vector<double> ranks_of(std::span<const double> values);

/// Ranks the groups by a metric that has a direction, best first. Where all groups that have it
/// have the same seeds, two or more, a group's rank is the mean over seeds of its rank among the
/// runs of that seed; else it is that of its mean.
HOURGLASS_API RankedBy rank_groups(std::span<GroupSummary> groups, std::size_t metric,
                                   Direction direction);

}  // namespace hourglass::compare

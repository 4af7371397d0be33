#pragma once

#include <hourglass/compare/group_runs.hpp>
#include <hourglass/core/api.hpp>
#include <hourglass/evaluate/metric_direction.hpp>
#include <hourglass/statistics/interval.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace hourglass::compare {

/// One metric of one run.
struct SeedValue {
  std::optional<std::int64_t> seed;
  double value = 0;
};

/// One metric of a group.
struct MetricSummary {
  std::size_t metric = 0;         ///< its number
  std::vector<SeedValue> values;  ///< finite ones of the runs that count, by seed
  std::size_t not_finite = 0;     ///< of the runs that count
  Estimate estimate;
  /// Among the groups, 1 for the best; NaN where nobody knows which way the metric is better.
  double rank = std::numeric_limits<double>::quiet_NaN();
};

/// A group and its metrics.
struct GroupSummary {
  RunGroup group;
  std::vector<MetricSummary> metrics;  ///< by rising number

  /// Null where no run that counts has the metric.
  HOURGLASS_API const MetricSummary* find(std::size_t metric) const;
  HOURGLASS_API MetricSummary* find(std::size_t metric);
  /// Its mean; NaN where it has none.
  HOURGLASS_API double mean(std::size_t metric) const;
};

/// What ranks are made of: nothing, the mean over seeds of the rank within each, or the means.
enum class RankedBy { Nothing, Seeds, Means };

/// A metric of the runs compared.
struct MetricInfo {
  std::string name;
  Direction direction = Direction::Unknown;
  std::string unit = {};          ///< "dB"; empty where no run tells, or only at length
  bool protocols_differ = false;  ///< whether runs took it in different ways
  RankedBy ranked_by = RankedBy::Nothing;
};

/// Metrics are numbered in the order in which runs tell them, resources last.
struct Summaries {
  std::vector<MetricInfo> metrics;
  std::vector<GroupSummary> groups;
};

/// Means, deviations and intervals of every metric of every group, by all threads of the team.
HOURGLASS_API Summaries summarise(std::vector<RunGroup> groups, std::span<const Run> runs,
                                  ResampleCache& resamples);

}  // namespace hourglass::compare

#pragma once

#include <hourglass/compare/find_runs.hpp>
#include <hourglass/compare/group_summary.hpp>
#include <hourglass/compare/pair_groups.hpp>
#include <hourglass/core/api.hpp>

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace hourglass::compare {

/// What a comparison is asked for.
struct ComparisonRequest {
  std::vector<std::string> words;         ///< see find_runs
  std::vector<std::string> metrics = {};  ///< names, see find_metric; none: usual_metrics
  std::string pareto = {};                ///< two names with a comma between; may be empty
};

/// The groups that no other beats in two metrics.
struct ParetoFront {
  std::size_t first = 0;  ///< numbers of metrics
  std::size_t second = 0;
  std::vector<std::size_t> groups =
      {};  ///< from the best in the first metric to the best in the second
};

/// Runs compared: all that any format shows. Groups, metrics and runs are numbered as they stand
/// here. Groups are sorted by the first of the chosen metrics, the best mean first, and as runs
/// were named where that has no direction.
struct Comparison {
  std::vector<Run> runs;
  std::vector<Fault> faults;  ///< what was found and is no run
  std::vector<std::string> notes;
  std::vector<std::string> keys;        ///< of the groups' points
  std::vector<std::string> swept_keys;  ///< those of them that a sweep has swept
  std::vector<std::size_t> ungrouped;   ///< damaged runs that belong to no group
  std::vector<MetricInfo> metrics;
  std::vector<GroupSummary> groups;
  std::vector<std::size_t> chosen;  ///< metrics; the first leads
  bool metrics_asked = false;       ///< whether the request chose them
  std::vector<GroupPair> pairs;     ///< of the chosen metrics that have a direction
  std::optional<ParetoFront> pareto;
};

/// Compares runs. Throws ConfigError where the words name nothing that could be a run, and for
/// metrics that no run has; DataError for words that name nothing at all. Damaged, unfinished and
/// foreign folders are told in what is returned.
HOURGLASS_API Comparison compare_runs(const ComparisonRequest& request);

/// Where a group stands by one metric: `Best` where it has been shown to be better than each other
/// group that has the metric, `Worse` where the one that leads has been shown to be better: the one
/// with the best mean of two runs or more, see leader_of.
enum class Standing { Best, Worse, Open };
/// One for each group. All open for a metric that is not among the chosen.
HOURGLASS_API std::vector<Standing> standings(const Comparison& comparison, std::size_t metric);

}  // namespace hourglass::compare

#pragma once

#include <hourglass/compare/group_summary.hpp>
#include <hourglass/core/api.hpp>

#include <span>
#include <string>
#include <vector>

namespace hourglass::compare {

/// Whether a metric is a number about the run rather than a measure of its model.
HOURGLASS_API bool is_resource(const std::string& name);

/// The metrics that a reader wants to see who has asked for none: of each measure that runs have,
/// the one that says most (its first, where we do not know the measure), baselines left out; and
/// the loss on the test split, or on the first other split that has one. It comes first, and
/// last where groups minimise different things (see objective_keys). No resources.
HOURGLASS_API std::vector<std::size_t> usual_metrics(const Summaries& all);

/// The metric of that name, or the one whose name ends in "/" and it: "ssim". Of several such,
/// those of no baseline come first, and of these the test split's. Throws ConfigError, with the
/// nearest name, for one that is not there or fits several.
HOURGLASS_API std::size_t find_metric(std::span<const MetricInfo> metrics, const std::string& name);

}  // namespace hourglass::compare

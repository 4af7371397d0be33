#pragma once

#include <hourglass/compare/group_summary.hpp>

#include <vector>

namespace hourglass::test {

/// A group whose runs have one metric, number 0. Values by rising seed.
inline compare::GroupSummary group_of(std::vector<compare::SeedValue> values) {
  ResampleCache resamples;
  std::vector<double> numbers;
  for (const compare::SeedValue& each : values) numbers.push_back(each.value);
  compare::GroupSummary group;
  compare::MetricSummary metric;
  metric.values = std::move(values);
  metric.estimate = estimate(numbers, resamples);
  group.metrics.push_back(std::move(metric));
  return group;
}

}  // namespace hourglass::test

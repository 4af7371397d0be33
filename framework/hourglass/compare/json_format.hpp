#pragma once

#include <hourglass/compare/comparison.hpp>
#include <hourglass/core/api.hpp>

#include <string>

namespace hourglass::compare {

/// A comparison as JSON, with everything that is known:
///
///     {"groups": [{"point": {key: value}, "n": 3,
///                  "metrics": {name: {"mean": ..., "sd": ..., "low": ..., "high": ...}}}]}
///
/// and beside these: of a metric `n`, `not_finite`, `rank`; of a group `statuses` and `runs`; then
/// `metrics` (direction, unit, what ranks are made of), `comparisons` of the chosen metrics,
/// `pareto` where it was asked for, `faults` and `notes`. What is not known or not finite is null.
/// Groups are named by their place in `groups`, from 0.
HOURGLASS_API std::string to_json(const Comparison& comparison);

}  // namespace hourglass::compare

#pragma once

#include <hourglass/compare/comparison.hpp>
#include <hourglass/core/api.hpp>

#include <string>

namespace hourglass::compare {

/// A comparison as CSV, a row for each metric of each group: the keys of the points, then `runs`
/// (all of the group), `completed` (of them, repeats of a seed included), `front` (yes or no, as to
/// the group and the Pareto front; nothing where none was asked for), `metric`, `better` (lower,
/// higher or nothing), `n` (runs that are in the mean), `mean`, `sd`, `low`, `high`, `rank`. What
/// is not known is empty. Groups without a run that counts have one row, without metric.
/// Comparisons of groups are left to the other formats.
HOURGLASS_API std::string to_csv(const Comparison& comparison);

}  // namespace hourglass::compare

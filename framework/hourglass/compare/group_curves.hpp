#pragma once

#include <hourglass/compare/comparison.hpp>
#include <hourglass/core/api.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace hourglass::compare {

/// What the seeds of a group have in one epoch.
struct CurvePoint {
  double epoch = 0;
  std::size_t n = 0;  ///< seeds that have a finite value there; at least one
  double mean = 0;
  Interval interval = {};  ///< 95 %, by Student's t; NaN below two values
  Interval range = {};     ///< the least and the greatest
};

/// A loss of a group by epoch.
struct GroupCurve {
  std::string metric;  ///< "train/loss"
  std::vector<CurvePoint> points;
};

/// The losses of the first `most_groups` groups, of the runs that count, from their metrics.csv:
/// of each group those of `train/loss`, `validation/loss` and `test/loss` that it has. Of more than
/// `most_points` epochs some are left out, evenly; never the last. A table that is missing or
/// cannot be read has no part in this. Read by all threads of the team.
HOURGLASS_API std::vector<std::vector<GroupCurve>> group_curves(const Comparison& comparison,
                                                                std::size_t most_groups = 64,
                                                                std::size_t most_points = 200);

}  // namespace hourglass::compare

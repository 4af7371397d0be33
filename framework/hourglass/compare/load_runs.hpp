#pragma once

#include <hourglass/compare/find_runs.hpp>
#include <hourglass/compare/run_result.hpp>
#include <hourglass/core/api.hpp>

#include <filesystem>
#include <optional>
#include <vector>

namespace hourglass::compare {

/// A run that was found and read.
struct Run {
  RunResult result;
  std::optional<std::size_t> sweep;  ///< its number; none: a loose run
  Point told;                        ///< what its sweep's points.csv says of the swept keys
  Point swept = {};                  ///< their values, see set_swept_values
  std::filesystem::path path = {};   ///< its folder, to read more of it
};

/// Reads the runs that were found, by all threads of the team. What a sweep says of a run counts
/// where the run's own folder does not tell, and where the sweep has stopped it.
HOURGLASS_API std::vector<Run> load_runs(const FoundRuns& found);

}  // namespace hourglass::compare

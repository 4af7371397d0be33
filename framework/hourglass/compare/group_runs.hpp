#pragma once

#include <hourglass/compare/load_runs.hpp>
#include <hourglass/core/api.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace hourglass::compare {

/// Runs that differ in nothing but their seed.
struct RunGroup {
  Point point = {};
  std::vector<std::size_t> runs = {};     ///< all, by their numbers
  std::vector<std::size_t> counted = {};  ///< completed ones, one for each seed
  std::array<std::size_t, kStatusCount> statuses{};

  std::size_t with_status(Status status) const {
    return statuses[static_cast<std::size_t>(status)];
  }
  /// Completed runs that do not count, since another one of their seed does.
  std::size_t repeats() const { return with_status(Status::Completed) - counted.size(); }
};

struct GroupedRuns {
  std::vector<RunGroup> groups;        ///< in the order of their first runs
  std::vector<std::string> keys;       ///< of their points
  std::vector<std::size_t> ungrouped;  ///< damaged runs, of which nobody can say what they were
  std::vector<std::string> notes;      ///< such as a seed that a group has twice
};

/// Groups runs by their points. Those of one sweep have its swept keys, and the keys of
/// experiment.yaml in which runs differ that have these alike. Else a point has all swept keys, and
/// the keys of experiment.yaml on which runs of a variant disagree, or which all have and not all
/// alike: `variant` and `dataset.name` first. Never the name or the seed, nor what only says what
/// is measured and kept (`evaluate`, `latents`, `train.checkpoint`). Where all are equal the point
/// is the variant.
///
/// A seed says nothing new when it is run again: where a group has several completed runs of one,
/// the first counts, and a note tells.
HOURGLASS_API GroupedRuns group_runs(std::span<const Run> runs, const FoundRuns& found);

}  // namespace hourglass::compare

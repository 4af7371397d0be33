#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/sweep/sweep_file.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace hourglass {

/// The epochs after which points are compared: first, first·factor, first·factor², ..., below
/// `epochs`.
HOURGLASS_API std::vector<std::int64_t> rungs(const HalvingOptions& options, std::int64_t epochs);

/// What is known of a point at a rung.
struct AtRung {
  /// It was ended at a rung before, or failed: it is not there.
  bool absent = false;
  /// Its value there, less is better; nothing as long as it is not known.
  std::optional<double> value = {};
};

/// Which points go on from a rung: successive halving that waits for no one (L. Li et al., "A
/// system for massively parallel hyperparameter tuning", 2020), in the order of the points instead
/// of the clock, so that it ends the same points however many run at a time. A point goes on if it
/// is among the best 1/factor of those before it and itself, the number rounded up. Returns a
/// decision for each point; none where it is not known yet, or the point is absent.
HOURGLASS_API std::vector<std::optional<bool>> go_on(const std::vector<AtRung>& points, int factor);

}  // namespace hourglass

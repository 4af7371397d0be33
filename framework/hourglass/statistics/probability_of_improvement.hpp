#pragma once

#include <hourglass/core/api.hpp>

#include <span>

namespace hourglass {

/// How often a run of A is better than one of B, over all pairs of a run of either, where a tie
/// counts half: 1 where A always is, 0.5 where neither has the better chances. `higher` says
/// whether larger values are better. NaN where either has none. R. Agarwal et al., "Deep
/// reinforcement learning at the edge of the statistical precipice", 2021.
HOURGLASS_API double probability_of_improvement(std::span<const double> a,
                                                std::span<const double> b, bool higher);

}  // namespace hourglass

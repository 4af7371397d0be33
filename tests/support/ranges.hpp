#pragma once

#include <hourglass/data/scaling.hpp>

/// Ranges of what models are given.
namespace hourglass::test {

inline constexpr ValueRange kUnit{.least = 0, .greatest = 1};
inline constexpr ValueRange kSymmetric{.least = -1, .greatest = 1};
inline constexpr ValueRange kShares{.least = 0, .greatest = 1, .sums_to_one = true};
inline constexpr ValueRange kWide{.least = -3, .greatest = 5};

}  // namespace hourglass::test

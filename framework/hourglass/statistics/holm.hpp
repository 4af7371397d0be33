#pragma once

#include <hourglass/core/api.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace hourglass {

/// The p values of a family of m tests, adjusted so that below 0.05 there is, in less than one
/// family of twenty, any that is false: Holm's step-down procedure. In rising order the i-th
/// (from 0) becomes the largest so far of min(1, (m - i) p). NaN, a test that could not be made,
/// stays NaN and does not count. Returned in the order given. `tests`: how many the family has
/// where that is more than were made, because what others said chose these; m is that then, as if
/// the p of each other were 1. S. Holm, "A simple sequentially rejective multiple test procedure",
/// 1979.
HOURGLASS_API std::vector<double> holm_adjusted(std::span<const double> p, std::size_t tests = 0);

}  // namespace hourglass

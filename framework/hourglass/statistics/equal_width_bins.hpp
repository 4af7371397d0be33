#pragma once

#include <hourglass/core/api.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace hourglass {

/// Which of `count` bins of equal width, between the least and the greatest value, each value is
/// in; the greatest is in the last. All are in bin 0 where they are equal.
HOURGLASS_API std::vector<std::int32_t> equal_width_bins(std::span<const float> values,
                                                         std::int32_t count);

}  // namespace hourglass

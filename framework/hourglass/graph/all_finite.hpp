#pragma once

#include <hourglass/core/api.hpp>

#include <span>

namespace hourglass {

/// Whether no number is infinite or NaN; by the whole team where there are many.
HOURGLASS_API bool all_finite(std::span<const float> numbers);

}  // namespace hourglass

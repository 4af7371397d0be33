#pragma once

#include <hourglass/graph/value.hpp>

#include <span>

namespace hourglass {

/// The mean over `axes` (all of them if none are given); see `sum`. The mean of no elements is NaN.
/// Gradient: dy / n, repeated along the axes, where n elements make one mean.
HOURGLASS_API Value mean(Value x, std::span<const int> axes);
HOURGLASS_API Value mean(Value x, std::initializer_list<int> axes = {});

}  // namespace hourglass

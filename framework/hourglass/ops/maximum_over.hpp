#pragma once

#include <hourglass/graph/value.hpp>

#include <span>

namespace hourglass {

/// The largest element over `axes` (all of them if none are given); see `sum`. NaN wins.
/// Gradient: dy, shared equally among the elements that are the largest.
/// Throws ShapeError as `sum` does, and when an axis has no elements.
HOURGLASS_API Value maximum_over(Value x, std::span<const int> axes);
HOURGLASS_API Value maximum_over(Value x, std::initializer_list<int> axes = {});

}  // namespace hourglass

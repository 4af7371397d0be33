#pragma once

#include <hourglass/graph/value.hpp>

#include <span>

namespace hourglass {

/// The sum over `axes` (all of them if none are given).
/// x: [d0, ..., dn-1], axes in [-n, n), each at most once.  Returns x's shape without these axes.
/// Gradient: dy, repeated along the axes.
/// Throws ShapeError for an axis that is outside or named twice.
HOURGLASS_API Value sum(Value x, std::span<const int> axes);
HOURGLASS_API Value sum(Value x, std::initializer_list<int> axes = {});

}  // namespace hourglass

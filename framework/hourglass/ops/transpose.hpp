#pragma once

#include <hourglass/graph/value.hpp>

#include <initializer_list>
#include <span>

namespace hourglass {

/// x with its axes in another order: axis i of the result is axis `axes[i]` of x.
/// x: [d0, ..., dn-1], axes: every axis once, in [-n, n).  Returns [d_axes[0], ..., d_axes[n-1]].
/// Where only axes of one element move, no element does, and the result is a view.
/// Gradient: dx = dy with its axes put back.
/// Throws ShapeError unless `axes` names every axis of x once.
HOURGLASS_API Value transpose(Value x, std::span<const int> axes);
HOURGLASS_API Value transpose(Value x, std::initializer_list<int> axes);

/// x with two axes exchanged, by default the last two.
/// Throws ShapeError when x has no such axes.
HOURGLASS_API Value swap_axes(Value x, int a = -2, int b = -1);

}  // namespace hourglass

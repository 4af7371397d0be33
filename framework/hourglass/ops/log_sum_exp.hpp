#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// log(sum_i exp(x_i)) over one axis, without overflow.
/// x: [d0, ..., dn-1], axis in [-n, n), with an element at least.  Returns x's shape without it.
/// Gradient: dy softmax(x) along the axis.
/// Throws ShapeError for an axis outside x, or one without elements.
HOURGLASS_API Value log_sum_exp(Value x, int axis);

/// log(mean_i exp(x_i)) over one axis, likewise: x itself where the axis has one element.
HOURGLASS_API Value log_mean_exp(Value x, int axis);

}  // namespace hourglass

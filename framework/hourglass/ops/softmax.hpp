#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// Softmax along one axis:  y_i = exp(x_i) / sum_j exp(x_j), without overflow.
/// x: [d0, ..., dn-1], axis in [-n, n).  Returns y with the shape of x; entries along `axis` sum to
/// 1.
/// Gradient, from the output: dx = y (dy - sum(dy y, axis)).
/// Throws ShapeError if x is a scalar or the axis is out of range.   J. S. Bridle, 1990.
HOURGLASS_API Value softmax(Value x, int axis = -1);

/// The logarithm of softmax:  y_i = x_i - log(sum_j exp(x_j)), without overflow, in nats.
/// Shapes and errors as for softmax.
/// Gradient, from the output: dx = dy - exp(y) sum(dy, axis).
HOURGLASS_API Value log_softmax(Value x, int axis = -1);

}  // namespace hourglass

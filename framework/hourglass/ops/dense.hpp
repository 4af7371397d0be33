#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// x W^T + b.  x: [batch, in], weight: [out, in], bias: [out] or none.  Returns [batch, out].
/// Gradients: dx = dy W, dW = dy^T x, db = the sum of dy over the batch.
/// Throws ShapeError when the shapes do not fit.
HOURGLASS_API Value dense(Value x, Value weight, Value bias = {});

}  // namespace hourglass

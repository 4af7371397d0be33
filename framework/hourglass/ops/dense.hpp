#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// x W^T + b.  x: [batch, in], weight: [out, in], bias: [out] or none.  Returns [batch, out].
/// Gradients: dx = dy W, dW = dy^T x, db = the sum of dy over the batch; where dy is sparse, as
/// that of `topk` is, they touch its pairs alone. Throws ShapeError when the shapes do not fit.
HOURGLASS_API Value dense(Value x, Value weight, Value bias = {});

/// x W + b: a dense layer whose weight is that of another one, turned round, as a tied decoder's
/// is. x: [batch, out], weight: [out, in], bias: [in] or none.  Returns [batch, in]. Gradients: dx
/// = dy W^T, dW = x^T dy, db = the sum of dy over the batch. Where x is sparse (see to_dense),
/// product and gradients touch its pairs alone. Throws ShapeError when the shapes do not fit.
HOURGLASS_API Value dense_transposed(Value x, Value weight, Value bias = {});

}  // namespace hourglass

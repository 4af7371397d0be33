#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// Cross-entropy of categorical distributions given by their logits, over the last axis, in nats:
///     -sum_i t_i log softmax(logits)_i,
/// without overflow.
/// logits, target: one shape [..., classes]; target holds distributions, which one-hot rows are.
/// Returns the shape without the last axis, a number per sample; take the mean over the batch for
/// an objective. log(classes) where all logits are equal. Gradients: dlogits = dy (softmax(logits)
/// sum(t) - t), dt = -dy log softmax(logits). Throws ShapeError when the shapes differ or have no
/// axis.
HOURGLASS_API Value categorical_cross_entropy(Value logits, Value target);

}  // namespace hourglass

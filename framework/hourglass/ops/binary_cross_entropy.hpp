#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// Cross-entropy of a Bernoulli distribution given by its logits, element by element, in nats:
///     -(t log p + (1 - t) log(1 - p))  with  p = sigmoid(logit),
/// computed as softplus(logit) - t logit, which is exact for large logits too.
/// logits, target: one shape, target in [0, 1].  Returns that shape; sum over features and take the
/// mean over the batch for an objective.  log 2 where the logit is 0.
/// Gradients: dlogit = dy (sigmoid(logit) - t), dt = -dy logit.
/// Throws ShapeError when the shapes differ.
HOURGLASS_API Value binary_cross_entropy(Value logits, Value target);

}  // namespace hourglass

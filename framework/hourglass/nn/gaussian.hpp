#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/graph/value.hpp>

namespace hourglass {

// Normal distributions whose dimensions are independent, by their mean and the logarithm of their
// variance, both of the code's shape [batch, d1, ...]. Everything is in nats.

/// KL(N(mean, exp(log_variance)) || N(0, 1)) of each dimension: (mean^2 + exp(log_variance) - 1 -
/// log_variance) / 2, 0 where mean and log_variance are 0.  Returns the code's shape.
/// D. P. Kingma, M. Welling, "Auto-encoding variational Bayes", 2014, appendix B.
HOURGLASS_API Value kl_to_standard_normal_per_dimension(Value mean, Value log_variance);
/// The same, summed over dimensions.  Returns [batch].
HOURGLASS_API Value kl_to_standard_normal(Value mean, Value log_variance);

/// log N(z; mean, exp(log_variance)) of each dimension; z, mean and log_variance broadcast.
/// Returns their joint shape.
HOURGLASS_API Value log_normal_per_dimension(Value z, Value mean, Value log_variance);
/// log N(z; mean, exp(log_variance)), summed over dimensions; z, mean and log_variance broadcast.
/// Returns [batch of z].
HOURGLASS_API Value log_normal(Value z, Value mean, Value log_variance);
/// log N(z; 0, 1), summed over dimensions.  Returns [batch].
HOURGLASS_API Value log_standard_normal(Value z);

}  // namespace hourglass

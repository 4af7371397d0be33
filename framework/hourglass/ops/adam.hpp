#pragma once

#include <hourglass/graph/value.hpp>

#include <array>

namespace hourglass {

struct AdamConstants {
  float beta1 = 0.9f;
  float beta2 = 0.999f;
  float epsilon = 1e-8f;
};

/// One step of Adam in one sweep:
///     m' = beta1 m + (1 - beta1) g,   v' = beta2 v + (1 - beta2) g^2,
///     x' = x - rate m' / (sqrt(v') correction + epsilon).
/// parameter, gradient, m, v: one shape; rate and correction: scalars, the learning rate divided by
/// 1 - beta1^t and 1 / sqrt(1 - beta2^t).  Returns x', m', v'.  It has no gradient.
/// D. P. Kingma, J. Ba, 2015.
HOURGLASS_API std::array<Value, 3> adam_step(Value parameter, Value gradient, Value m, Value v,
                                             Value rate, Value correction,
                                             const AdamConstants& constants);

}  // namespace hourglass

#include <hourglass/nn/gaussian.hpp>
#include <hourglass/ops/affine.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/exp.hpp>
#include <hourglass/ops/reshape.hpp>
#include <hourglass/ops/square.hpp>
#include <hourglass/ops/sum.hpp>

#include <cmath>
#include <numbers>

namespace hourglass {

static const float kLogTwoPi = static_cast<float>(std::log(2 * std::numbers::pi));

Value kl_to_standard_normal_per_dimension(Value mean, Value log_variance) {
  return 0.5f * (square(mean) + exp(log_variance) - 1.0f - log_variance);
}

Value kl_to_standard_normal(Value mean, Value log_variance) {
  return sum(flatten(kl_to_standard_normal_per_dimension(mean, log_variance)), {1});
}

Value log_normal_per_dimension(Value z, Value mean, Value log_variance) {
  const Value distance = square(z - mean) * exp(-log_variance);
  return -0.5f * (distance + log_variance + kLogTwoPi);
}

Value log_normal(Value z, Value mean, Value log_variance) {
  return sum(flatten(log_normal_per_dimension(z, mean, log_variance)), {1});
}

Value log_standard_normal(Value z) {
  return sum(flatten(affine(square(z), -0.5f, -0.5f * kLogTwoPi)), {1});
}

}  // namespace hourglass

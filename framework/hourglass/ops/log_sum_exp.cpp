#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/exp.hpp>
#include <hourglass/ops/log.hpp>
#include <hourglass/ops/log_sum_exp.hpp>
#include <hourglass/ops/maximum_over.hpp>
#include <hourglass/ops/reshape.hpp>
#include <hourglass/ops/stop_gradient.hpp>
#include <hourglass/ops/sum.hpp>

#include <cmath>

namespace hourglass {

Value log_sum_exp(Value x, int axis) {
  const int which = x.shape().axis(axis, "log_sum_exp");
  // Whatever is taken off comes back, so no gradient goes that way.
  const Value most = stop_gradient(maximum_over(x, {which}));
  const Value shifted = x - reshape(most, x.shape().with(which, 1));
  return most + log(sum(exp(shifted), {which}));
}

Value log_mean_exp(Value x, int axis) {
  const int which = x.shape().axis(axis, "log_mean_exp");
  const auto count = static_cast<float>(x.shape()[which]);
  return log_sum_exp(x, which) - std::log(count);
}

}  // namespace hourglass

#include <hourglass/core/error.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/nn/gaussian.hpp>
#include <hourglass/nn/total_correlation.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/log_sum_exp.hpp>
#include <hourglass/ops/reshape.hpp>
#include <hourglass/ops/sum.hpp>

#include <cmath>

namespace hourglass {

Value total_correlation_by_sampling(Value z, Value mean, Value log_variance, std::int64_t samples) {
  const Shape& shape = z.shape();
  if (shape.rank() != 2 || mean.shape() != shape || log_variance.shape() != shape || samples < 1) {
    throw ShapeError(
        text("[total_correlation] needs codes [batch, latent], as many means and "
             "logarithms of variances, and samples: got ",
             shape.to_text(), ", ", mean.shape().to_text(), ", ", log_variance.shape().to_text(),
             " and ", samples, " samples"));
  }
  const std::int64_t batch = shape[0], latent = shape[1];
  const auto each = [&](Value x) { return reshape(x, {1, batch, latent}); };
  // [i, j, d]: log q(z_id | x_j)
  const Value density =
      log_normal_per_dimension(reshape(z, {batch, 1, latent}), each(mean), each(log_variance));
  const Value joint = log_sum_exp(sum(density, {2}), 1);
  const Value marginals = sum(log_sum_exp(density, 1), {1});
  const auto log_count =
      static_cast<float>(std::log(static_cast<double>(samples) * static_cast<double>(batch)));
  return joint - marginals + static_cast<float>(latent - 1) * log_count;
}

}  // namespace hourglass

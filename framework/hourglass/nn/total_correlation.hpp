#pragma once

#include <hourglass/graph/value.hpp>

#include <cstdint>

namespace hourglass {

/// The total correlation of codes, KL(q(z) || prod_d q(z_d)), by minibatch-weighted sampling:
///     log q(z_i) = log(sum_j q(z_i | x_j)) - log(samples batch),
/// for the whole code and likewise for each of its dimensions, over all samples x_j of the batch.
/// z, drawn from N(mean, exp(log_variance)), mean and log_variance: [batch, latent]; `samples`: how
/// many the data set has.  Returns [batch], an estimate in nats for each code: their mean is that
/// of the total correlation. 0 where latent is 1. Memory: batch^2 latent numbers.
/// Throws ShapeError unless all three have one shape of two axes and samples is at least 1.
/// R. T. Q. Chen, X. Li, R. Grosse, D. Duvenaud, "Isolating sources of disentanglement in
/// variational autoencoders", 2018.
HOURGLASS_API Value total_correlation_by_sampling(Value z, Value mean, Value log_variance,
                                                  std::int64_t samples);

}  // namespace hourglass

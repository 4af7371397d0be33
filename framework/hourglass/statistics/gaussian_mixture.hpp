#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace hourglass {

/// A mixture of normal distributions with full covariances,
///     p(z) = sum_k weight_k N(z; mean_k, L_k L_k^T),
/// such as is fitted to the codes of an autoencoder without a prior, to draw new ones from. With
/// one component it is the normal distribution of the codes' own mean and covariance (divided by
/// n). Only dimensions that vary among the codes are fitted; the others keep their value.
///
///     const GaussianMixture mixture = fit_gaussian_mixture(codes, {.components = 10});
///     const Tensor drawn = mixture.draw(100, seed, "generate");
struct HOURGLASS_API GaussianMixture {
  Tensor constants;                   ///< f64 [size]: the value of dimensions that never vary
  std::vector<std::int64_t> varying;  ///< the dimensions that do, of which d there are
  std::vector<double> weights;        ///< [components], which sum to 1
  Tensor means;                       ///< f64 [components, d]
  Tensor factors;                     ///< f64 [components, d, d]: L, lower triangular
  /// The mean log-likelihood of a code in nats, over `varying`, before each update and after the
  /// last. It never falls.
  std::vector<double> log_likelihoods;

  std::int64_t components() const { return static_cast<std::int64_t>(weights.size()); }
  /// `count` codes, f32 [count, size]. Code i is the same whatever `count`.
  Tensor draw(std::int64_t count, std::uint64_t seed, std::string_view stream) const;
};

struct GaussianMixtureOptions {
  /// Fewer where there are fewer different codes.
  std::int64_t components = 10;
  std::uint64_t seed = 1;
  /// Iteration ends when the mean log-likelihood grows by less than this part of itself (of 1, if
  /// it is smaller).
  double tolerance = 1e-5;
  int most_iterations = 200;
};

/// Fits a mixture to codes [n, size] by expectation and maximisation (A. P. Dempster, N. M. Laird,
/// D. B. Rubin, 1977). It starts from clusters: k-means++ (D. Arthur, S. Vassilvitskii, 2007), then
/// ten rounds of Lloyd's. No variance, in any direction, goes below 1e-6 of the mean variance of
/// the varying dimensions; the greatest likelihood under that bound has the covariance's smaller
/// eigenvalues raised to it. Equal calls give equal mixtures, with any number of threads.
/// Takes time in proportion to iterations n components d^2.
/// Throws DataError for no codes and for codes that are not finite, ConfigError for less than one
/// component.
HOURGLASS_API GaussianMixture fit_gaussian_mixture(const Tensor& codes,
                                                   const GaussianMixtureOptions& options = {});

}  // namespace hourglass

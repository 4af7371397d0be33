#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>
#include <hourglass/data/source.hpp>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace hourglass {

/// The principal components of samples: the directions in which they vary most, and what every
/// autoencoder has to beat, since it is the best linear one.
///     code = (x - mean) C^T,  reconstruction = code C + mean,  C = components
/// K. Pearson, "On lines and planes of closest fit to systems of points in space", 1901.
///
///     const Pca pca = fit_pca(data.train(), 32);
///     const double error = squared_error_per_feature(pca, *data.find("test"));
struct HOURGLASS_API Pca {
  Tensor mean;                    ///< [features]
  Tensor components;              ///< [count, features], orthonormal rows, by falling variance
  std::vector<double> variances;  ///< along the components; divided by n, not n - 1
  double total_variance = 0;      ///< summed over features
  std::string method;             ///< how it was computed, for a protocol

  std::int64_t count() const { return components.shape()[0]; }
  std::int64_t features() const { return components.shape()[1]; }
  /// Codes [rows, count] of rows [rows, features].
  Tensor project(const Tensor& rows) const;
};

/// Fits `count` components (at most the number of features or of samples) to a source. Equal calls
/// give equal components; each has its largest element positive. Up to 2048 features their
/// covariance is formed, and its leading subspace found by iteration to 1e-9 of the variance, or
/// the whole of it by a direct solver where that is quicker; beyond, the iteration goes through
/// the data and stops within 1e-4 of the variance that is left out, or after 30 passes, and
/// `method` says so. Takes time in proportion to features^2 samples, or to passes features samples.
/// Throws ConfigError for a count below 1, DataError for a source without samples.
HOURGLASS_API Pca fit_pca(const Source& source, std::int64_t count);

/// The mean over samples and features of (x - reconstruction)^2.
HOURGLASS_API double squared_error_per_feature(const Pca& pca, const Source& source);

/// The sum over features of (x - reconstruction)^2 of each sample, in their order.
HOURGLASS_API std::vector<float> squared_errors(const Pca& pca, const Source& source);

/// Gives x - reconstruction of each sample, in their order.
HOURGLASS_API void visit_residuals(const Pca& pca, const Source& source,
                                   const std::function<void(std::span<const float>)>& visit);

}  // namespace hourglass

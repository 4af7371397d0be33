#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>
#include <hourglass/data/source.hpp>

namespace hourglass {

/// The mean of all samples, summed in double precision; [sample_shape...].
/// Throws DataError when there are none.
HOURGLASS_API Tensor mean_sample(const Source& source);

/// The point with the least sum of Euclidean distances to the samples, [sample_shape...], which a
/// few far samples move little. Found from the mean by E. Weiszfeld's iteration (1937), in which
/// each sample weighs one over its distance: until a step is less than 1e-6 of the mean distance,
/// or 100 times. Throws DataError when there are no samples.
HOURGLASS_API Tensor geometric_median(const Source& source);

}  // namespace hourglass

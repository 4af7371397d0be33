#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>
#include <hourglass/data/data_set.hpp>
#include <hourglass/plugin/model.hpp>

#include <cstdint>
#include <vector>

namespace hourglass {

// Pictures of what a decoder makes of codes, u8 [height, width, 3]; equal weights give equal bytes.
// They are for images, and for codes that are one row of numbers which the decoder needs alone:
// feature maps have no dimension to move along.

/// Finite codes [codes, code size] and the samples of a split that they belong to.
struct FiniteCodes {
  Tensor values;
  std::vector<std::uint32_t> samples;
};
/// Of at most `most` samples, spread evenly over the split.
FiniteCodes finite_codes(Model& model, const Source& source, std::uint32_t split,
                         std::int64_t most);

/// So many of a split's samples are encoded for pictures at most.
inline constexpr std::int64_t kMostShownCodes = 2000;

/// Whether there are any of these pictures for a model.
HOURGLASS_API bool has_code_figures(Model& model, const DataSet& data);
/// Compiles all that they run, if there are any.
HOURGLASS_API void compile_code_figures(Model& model, const DataSet& data);

/// Whether there is something to draw samples from: a prior, or codes of at most 512 numbers.
HOURGLASS_API bool has_samples_figure(Model& model);
/// 10 x 10 images from the prior, or where there is none from a normal distribution fitted to codes
/// of training samples; the title says which.
HOURGLASS_API Tensor samples_figure(Model& model, const DataSet& data);

// The following show what lies between and around `codes` of the evaluated split. All throw
// DataError when there are none.

/// Five pairs of samples, of different classes where there are classes: on a straight line between
/// their codes, 9 images, with the samples themselves at both ends.
HOURGLASS_API Tensor interpolation_figure(Model& model, const DataSet& data,
                                          const FiniteCodes& codes);

/// A row for each of the ten dimensions whose variance among the codes is largest, in falling
/// order: the mean code with this dimension moved from -3 to 3 standard deviations, 13 images.
HOURGLASS_API Tensor traversal_figure(Model& model, const DataSet& data, const FiniteCodes& codes);

/// Of codes of two numbers: 20 x 20 images, where both numbers go through their quantiles
/// 0.5 / 20, 1.5 / 20, ...; the first from left to right, the second upwards.
HOURGLASS_API Tensor plane_figure(Model& model, const DataSet& data, const FiniteCodes& codes);

}  // namespace hourglass

#pragma once

#include <hourglass/nn/layer.hpp>
#include <hourglass/ops/convolution.hpp>

#include <cstdint>
#include <vector>

// From the options of layers to those of operations. Internal to this room.

namespace hourglass {

/// One number for each axis. A list of another length is left as it is, for the operation to
/// refuse.
std::vector<std::int64_t> spread(const Sizes& sizes, int axes);

/// The options with every number given, also the padding where there is none.
ConvolutionOptions options_of(const KernelOptions& layer, int axes);

/// What a transposed convolution gives along an axis without output padding.
std::int64_t transposed_size(std::int64_t size, std::int64_t kernel,
                             const ConvolutionOptions& options, int axis);

}  // namespace hourglass

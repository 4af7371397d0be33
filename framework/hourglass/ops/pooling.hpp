#pragma once

#include <hourglass/graph/value.hpp>

#include <cstdint>
#include <vector>

namespace hourglass {

/// A window that moves over the spatial axes. Each list has a number for each axis, or one for all.
struct PoolOptions {
  std::vector<std::int64_t> kernel = {2};
  /// From one place of the window to the next; empty: the kernel's size, so that windows tile x.
  std::vector<std::int64_t> stride = {};
  /// How far the window reaches beyond either end; at most half of the kernel.
  std::vector<std::int64_t> padding = {0};
};

/// The greatest element under each place of a window; places beyond x do not count. Where several
/// are equal, the first of them takes the gradient.
/// x: [batch, channels, size] or [batch, channels, height, width]. Returns
/// [batch, channels, floor((size + 2 padding - kernel) / stride) + 1, ...].
/// Throws ShapeError, with shape and rule, when the window does not fit.
HOURGLASS_API Value max_pool(Value x, const PoolOptions& options = {});

/// The mean under each place of a window, over the whole window: places beyond x count as zeros.
/// Shapes and errors as max_pool.
HOURGLASS_API Value average_pool(Value x, const PoolOptions& options = {});

/// The mean over all spatial axes: what is left of each channel where places do not matter.
/// M. Lin, Q. Chen, S. Yan, 2014.
/// x: [batch, channels, size] or [batch, channels, height, width]. Returns [batch, channels].
/// Throws ShapeError for another rank.
HOURGLASS_API Value global_average_pool(Value x);

}  // namespace hourglass

#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

struct BatchNormalizationOptions {
  /// Added to variances, so that a channel of equal values gives zeros; > 0.
  float epsilon = 1e-5f;
  /// Whether relu follows: as part of the same kernel it costs nothing.
  bool relu = false;
};

/// One number a channel, [channels].
struct BatchStatistics {
  Value mean;
  /// The mean square distance from the mean. Of n values; n / (n - 1) times this is the unbiased
  /// estimate of the variance that they were drawn with.
  Value variance;
};

struct BatchNormalized {
  Value y;
  BatchStatistics statistics;
};

/// Each channel shifted and scaled to mean 0 and variance 1 over the batch and all places, then to
/// a mean and a size of its own:
///     y = scale (x - mean) / sqrt(variance + epsilon) + shift.  S. Ioffe, C. Szegedy, 2015.
/// x: [batch, channels], [batch, channels, size] or [batch, channels, height, width]; scale and
/// shift: [channels], or neither of them, which is 1 and 0. Returns y, with the shape of x, and the
/// statistics of this batch. Gradients of first and second order.
/// Throws ShapeError, with shapes and rule, for other shapes, and where a channel has one value
/// alone, whose distance from its mean is always zero.
HOURGLASS_API BatchNormalized batch_normalization(Value x, Value scale = {}, Value shift = {},
                                                  const BatchNormalizationOptions& options = {});

/// Batch normalization by statistics that are given, such as those of the whole training: each
/// sample by itself, so that a batch of one will do. Gradients of every order, also of the
/// statistics.
HOURGLASS_API Value batch_normalization(Value x, const BatchStatistics& statistics,
                                        Value scale = {}, Value shift = {},
                                        const BatchNormalizationOptions& options = {});

}  // namespace hourglass

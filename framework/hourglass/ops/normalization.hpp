#pragma once

#include <hourglass/graph/value.hpp>

#include <cstdint>

// What layer and group normalisation share. Internal to this room.

namespace hourglass {

struct NormalizationOptions {
  const char* name;
  /// Into which the channels of a sample fall, neighbours together; each group with all its places
  /// is normalised by itself.
  std::int64_t groups = 1;
  /// Whether each element of a sample has a weight and a bias, rather than each channel.
  bool by_element = false;
  float epsilon = 1e-5f;
};

/// y = (x - mean) / sqrt(variance + epsilon) weight + bias, with the mean and the variance of the
/// element's group. Shapes fit; weight and bias may both be missing.
Value normalized(Value x, Value weight, Value bias, const NormalizationOptions& options);

}  // namespace hourglass

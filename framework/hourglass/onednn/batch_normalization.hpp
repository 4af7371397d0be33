#pragma once

#include <hourglass/onednn/primitive.hpp>

namespace hourglass::onednn {

/// y = scale (x - mean) / sqrt(variance + epsilon) + shift, each channel by itself, over
/// [batch, channels], [batch, channels, size] or [batch, channels, height, width]. Variances are
/// the mean square distances from the mean.
struct BatchNormalization {
  float epsilon = 1e-5f;
  bool affine = true;  // else scale is 1 and shift 0, and neither is an argument
  bool relu = false;   // what is below zero becomes zero

  friend bool operator==(const BatchNormalization&, const BatchNormalization&) = default;
};

/// How a batch normalisation best takes, and gives, a tensor that lies as `layout`: as it is where
/// oneDNN has fast code for that, else images in blocks of channels. Plain images are ten times
/// slower than blocks, and worth it only where blocks would be mostly padding.
HOURGLASS_API Layout batch_normalization_layout(const Layout& layout,
                                                const BatchNormalization& options);

/// By the mean and variance of the batch, which are outputs, and so is a workspace with `relu`.
HOURGLASS_API Primitive batch_normalization_training(const Layout& source,
                                                     const BatchNormalization& options);
/// By a mean and a variance that are given.
HOURGLASS_API Primitive batch_normalization_inference(const Layout& source,
                                                      const BatchNormalization& options);
/// The gradients of source, scale and shift, from what the training gave.
HOURGLASS_API Primitive batch_normalization_backward(const Layout& source,
                                                     const BatchNormalization& options);

}  // namespace hourglass::onednn

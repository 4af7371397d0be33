#pragma once

#include <hourglass/onednn/primitive.hpp>

#include <cstdint>
#include <vector>

namespace hourglass::onednn {

/// How a kernel walks over the spatial axes, one number an axis: from one output to the next
/// (stride), from one of its own elements to the next (dilation, 1 for neighbours), and over how
/// many zeros before and behind the input.
struct Walk {
  std::vector<std::int64_t> stride, dilation, before, after;

  friend bool operator==(const Walk&, const Walk&) = default;
};

// Convolution over one or two spatial axes. x: [batch, in, spatial...], W: [out, in, kernel...] or
// [groups, out / groups, in / groups, kernel...], b: [out], y: [batch, out, spatial...]. A layout
// of `Layout::any` is chosen by oneDNN and can be asked for afterwards.

/// y = activation(x * W + b).
HOURGLASS_API Primitive convolution_forward(const Layout& source, const Layout& weights,
                                            const Layout& destination, const Walk& walk, bool bias,
                                            OptionalPostOp activation);
/// dx of dy; which is also what a transposed convolution does with its input.
HOURGLASS_API Primitive convolution_backward_data(const Layout& source_gradient,
                                                  const Layout& weights,
                                                  const Layout& destination_gradient,
                                                  const Walk& walk);
/// dW, and db = the sum of dy over batch and space.
HOURGLASS_API Primitive convolution_backward_weights(const Layout& source,
                                                     const Layout& weights_gradient,
                                                     const Layout& destination_gradient,
                                                     const Walk& walk, bool bias);

}  // namespace hourglass::onednn

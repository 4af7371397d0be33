#pragma once

#include <hourglass/graph/value.hpp>

#include <cstdint>
#include <vector>

namespace hourglass {

/// How a kernel walks over the spatial axes. Each list has a number for each axis, or one for all.
struct ConvolutionOptions {
  std::vector<std::int64_t> stride = {1};
  /// Zeros before and behind the input.
  std::vector<std::int64_t> padding = {0};
  /// Transposed convolution only: rows and columns more at the far end of the output, fewer than
  /// the stride or the dilation. Of the input sizes that a convolution maps to one output size, it
  /// chooses one.
  std::vector<std::int64_t> output_padding = {0};
  /// From one element of the kernel to the next; 1 for neighbours.
  std::vector<std::int64_t> dilation = {1};
  /// Channels fall into so many groups, each convolved by itself.
  std::int64_t groups = 1;
};

/// The cross-correlation that is called convolution, over one or two spatial axes:
///     y[n, o, i] = b[o] + sum over c, k of W[o, c, k] x[n, c, stride i + dilation k - padding].
/// x: [batch, in, spatial...], weight: [out, in / groups, kernel...], bias: [out] or none.
/// Returns [batch, out, (size + 2 padding - dilation (kernel - 1) - 1) / stride + 1, ...].
/// Throws ShapeError, with shapes and rule, when they do not fit.
HOURGLASS_API Value convolution(Value x, Value weight, Value bias = {},
                                const ConvolutionOptions& options = {});

/// The adjoint of a convolution's product with respect to its input: every input element writes a
/// kernel's worth of outputs.  V. Dumoulin, F. Visin, 2016, section 4.
/// x: [batch, in, spatial...], weight: [in, out / groups, kernel...], bias: [out] or none. Returns
/// [batch, out, (size - 1) stride - 2 padding + dilation (kernel - 1) + output_padding + 1, ...].
/// Throws ShapeError, with shapes and rule, when they do not fit.
HOURGLASS_API Value transposed_convolution(Value x, Value weight, Value bias = {},
                                           const ConvolutionOptions& options = {});

}  // namespace hourglass

#pragma once

#include <hourglass/graph/operation.hpp>
#include <hourglass/onednn/convolution.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

// The gradient of a convolution's input, or a transposed convolution, to few channels: the last
// layer of every decoder of images. oneDNN computes as many channels as a vector has floats and
// throws most of them away. Here a product gives what each pixel of x adds to y, taps and channels
// of y side by side in vectors, and is folded into y row by row while it is in cache.

namespace hourglass {

/// Sizes of x, [batch, in, height, width], and y, [batch, out, to_height, to_width]; one spatial
/// axis is the width. Pairs are of rows and columns.
struct ProductFold {
  using Pair = std::array<std::int64_t, 2>;
  /// Lanes of a vector: products come in as many.
  static constexpr std::int64_t kLanes = 16;

  /// Nothing where it does not apply or is slower. A rule on shapes alone, from measurements with 1
  /// and 2 threads, AVX2 and AVX-512, against oneDNN 2.6: y has at most three channels, x at
  /// least eight, which stand next to each other in `x_layout`; there are no groups, and several
  /// taps.
  static std::optional<ProductFold> fit(const onednn::Layout& x_layout, const Shape& weight,
                                        const Shape& y, const onednn::Walk& walk);

  /// What a pixel of x adds to y: a product for each channel and tap, in whole vectors.
  std::int64_t products() const {
    return (out * kernel[0] * kernel[1] + kLanes - 1) / kLanes * kLanes;
  }

  std::int64_t batch = 1, in = 1, out = 1;
  Pair size = {1, 1}, to_size = {1, 1}, kernel = {1, 1};
  Pair stride = {1, 1}, dilation = {1, 1}, before = {0, 0};
  // Where the elements of x are: floats from one image, row, pixel and block of channels to the
  // next, and channels in a block.
  std::int64_t image_step = 0, row_step = 0, pixel_step = 0, block_step = 0, block = 1;
};

/// Inputs x and the plain weight [in, out, kernel...], output the plain y.
std::unique_ptr<Kernel> product_fold(const ProductFold& sizes);

/// Code for one level of the instruction set.
struct ProductFoldKernels {
  /// Writes rows [begin, end) of an image of y. `weight` is [products / kLanes, in, kLanes];
  /// `scratch` holds the products of a row of x.
  void (*run)(const ProductFold& sizes, const float* x, const float* weight, float* y,
              float* scratch, std::int64_t begin, std::int64_t end);
};

}  // namespace hourglass

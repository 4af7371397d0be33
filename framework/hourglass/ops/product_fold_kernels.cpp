// Compiled once for each of x86-64-v2, v3 and v4, with HOURGLASS_LEVEL set to v2, v3 or v4.
#include <hourglass/ops/product_fold.hpp>

#include <algorithm>

#define HOURGLASS_CONCAT_(a, b) a##b
#define HOURGLASS_CONCAT(a, b) HOURGLASS_CONCAT_(a, b)

namespace hourglass {
namespace {

// One register of this level, and pixels whose sums are in registers together.
#if defined(__AVX512F__)
constexpr int kBytes = 64, kMany = 8;
#elif defined(__AVX__)
constexpr int kBytes = 32, kMany = 5;
#else
constexpr int kBytes = 16, kMany = 2;
#endif
typedef float Lanes __attribute__((vector_size(kBytes), aligned(4)));
constexpr int kParts = ProductFold::kLanes * sizeof(float) / kBytes;

/// The products of `kPixels` pixels, each a row of `products`.
template <int kPixels>
void multiply(const ProductFold& sizes, const float* x, const float* weight, float* products) {
  const std::int64_t width = sizes.products(), pixel = sizes.pixel_step;
  for (std::int64_t lane = 0; lane < width; lane += ProductFold::kLanes) {
    Lanes sums[kPixels][kParts] = {};
    for (std::int64_t from = 0; from < sizes.in; from += sizes.block) {
      const float* block = x + from / sizes.block * sizes.block_step;
      const std::int64_t channels = std::min(sizes.block, sizes.in - from);
      for (std::int64_t c = 0; c < channels; ++c, weight += ProductFold::kLanes) {
        const auto* factors = reinterpret_cast<const Lanes*>(weight);
#pragma GCC unroll 16
        for (int p = 0; p < kPixels; ++p) {
#pragma GCC unroll 4
          for (int i = 0; i < kParts; ++i) sums[p][i] += factors[i] * block[p * pixel + c];
        }
      }
    }
    for (int p = 0; p < kPixels; ++p) {
      auto* to = reinterpret_cast<Lanes*>(products + p * width + lane);
      for (int i = 0; i < kParts; ++i) to[i] = sums[p][i];
    }
  }
}

/// The least j for which j * stride + offset is at least `least`.
std::int64_t first_from(std::int64_t least, std::int64_t offset, std::int64_t stride) {
  return least <= offset ? 0 : (least - offset + stride - 1) / stride;
}

/// Adds what a row of x gives for one row of the kernel to a row of each channel of y.
void fold(const ProductFold& sizes, const float* products, std::int64_t tap_row, float* y) {
  const std::int64_t width = sizes.products(), stride = sizes.stride[1];
  for (std::int64_t channel = 0; channel < sizes.out; ++channel) {
    float* to = y + channel * sizes.to_size[0] * sizes.to_size[1];
    for (std::int64_t tap = 0; tap < sizes.kernel[1]; ++tap) {
      const std::int64_t offset = tap * sizes.dilation[1] - sizes.before[1];
      const std::int64_t begin = first_from(0, offset, stride),
                         end =
                             std::min(sizes.size[1], first_from(sizes.to_size[1], offset, stride));
      const float* from = products + (channel * sizes.kernel[0] + tap_row) * sizes.kernel[1] + tap;
      for (std::int64_t j = begin; j < end; ++j) to[j * stride + offset] += from[j * width];
    }
  }
}

void run(const ProductFold& sizes, const float* x, const float* weight, float* y, float* scratch,
         std::int64_t begin, std::int64_t end) {
  for (std::int64_t channel = 0; channel < sizes.out; ++channel) {
    float* rows = y + (channel * sizes.to_size[0] + begin) * sizes.to_size[1];
    std::fill_n(rows, (end - begin) * sizes.to_size[1], 0.0f);
  }
  // Rows of x in their order, so that an element's sum is the same however y is split into bands.
  const std::int64_t reach = (sizes.kernel[0] - 1) * sizes.dilation[0] - sizes.before[0];
  const std::int64_t first = first_from(begin, reach, sizes.stride[0]),
                     last = std::min(sizes.size[0],
                                     first_from(end, -sizes.before[0], sizes.stride[0]));
  for (std::int64_t row = first; row < last; ++row) {
    const float* pixels = x + row * sizes.row_step;
    const std::int64_t width = sizes.size[1], products = sizes.products();
    std::int64_t j = 0;
    for (; j + kMany <= width; j += kMany) {
      multiply<kMany>(sizes, pixels + j * sizes.pixel_step, weight, scratch + j * products);
    }
    for (; j + 2 <= width; j += 2) {
      multiply<2>(sizes, pixels + j * sizes.pixel_step, weight, scratch + j * products);
    }
    for (; j < width; ++j) {
      multiply<1>(sizes, pixels + j * sizes.pixel_step, weight, scratch + j * products);
    }
    for (std::int64_t tap = 0; tap < sizes.kernel[0]; ++tap) {
      const std::int64_t to = row * sizes.stride[0] + tap * sizes.dilation[0] - sizes.before[0];
      if (to >= begin && to < end) fold(sizes, scratch, tap, y + to * sizes.to_size[1]);
    }
  }
}

}  // namespace

extern const ProductFoldKernels HOURGLASS_CONCAT(kProductFoldKernels_, HOURGLASS_LEVEL);
const ProductFoldKernels HOURGLASS_CONCAT(kProductFoldKernels_, HOURGLASS_LEVEL) = {run};

}  // namespace hourglass

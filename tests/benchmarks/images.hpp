#pragma once

#include <hourglass/core/random.hpp>
#include <hourglass/core/tensor.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace hourglass::bench {

/// `count` square images [side, side] or [channels, side, side] in [0, 1]: three Gaussian bumps
/// each, alike in all channels, cut below 0.2, so that about a fifth of the pixels is not zero.
inline Tensor bumps(std::int64_t count, const Shape& shape) {
  const std::int64_t side = shape.back(), pixels = side * side;
  Tensor images(shape.prepended(count));
  float* pixel = images.floats().data();
  const double size = static_cast<double>(side), width = 2 * std::pow(0.08 * size, 2);
  for (std::int64_t i = 0; i < count; ++i) {
    RandomStream random(1, "bumps", static_cast<std::uint64_t>(i));
    double x[3], y[3];
    for (int k = 0; k < 3; ++k) {
      x[k] = (0.25 + 0.5 * random.uniform()) * size;
      y[k] = (0.25 + 0.5 * random.uniform()) * size;
    }
    for (std::int64_t row = 0; row < side; ++row) {
      for (std::int64_t column = 0; column < side; ++column) {
        double value = 0;
        for (int k = 0; k < 3; ++k) {
          const double dx = static_cast<double>(column) - x[k];
          const double dy = static_cast<double>(row) - y[k];
          value += std::exp(-(dx * dx + dy * dy) / width);
        }
        *pixel++ = value < 0.2 ? 0.0f : static_cast<float>(std::min(value, 1.0));
      }
    }
    for (std::int64_t left = shape.size() - pixels; left > 0; left -= pixels) {
      pixel = std::copy(pixel - pixels, pixel, pixel);
    }
  }
  return images;
}

}  // namespace hourglass::bench

#pragma once

#include <algorithm>
#include <array>
#include <hourglass/core/tensor.hpp>
#include <hourglass/figure/color.hpp>
#include <vector>

/// Looking at pictures in tests.
using Pixel = std::array<int, 3>;

/// All numbers of a picture, row by row.
inline std::vector<int> pixel_values(const hourglass::Tensor& picture) {
  const auto values = picture.values<std::uint8_t>();
  return {values.begin(), values.end()};
}

inline Pixel pixel(const hourglass::Tensor& picture, std::int64_t y, std::int64_t x) {
  const std::uint8_t* at = picture.values<std::uint8_t>().data() + 3 * (y * picture.shape()[1] + x);
  return {at[0], at[1], at[2]};
}

inline bool is_near(const Pixel& pixel, const hourglass::figure::Color& color, int tolerance = 1) {
  const float parts[] = {color.red, color.green, color.blue};
  for (std::size_t i = 0; i < 3; ++i) {
    const int difference = pixel[i] - static_cast<int>(parts[i] * 255.0f + 0.5f);
    if (difference > tolerance || difference < -tolerance) return false;
  }
  return true;
}

inline int count_near(const hourglass::Tensor& picture, const hourglass::figure::Color& color,
                      int tolerance = 1) {
  int count = 0;
  for (std::int64_t y = 0; y < picture.shape()[0]; ++y) {
    for (std::int64_t x = 0; x < picture.shape()[1]; ++x) {
      count += is_near(pixel(picture, y, x), color, tolerance);
    }
  }
  return count;
}

inline bool same_picture(const hourglass::Tensor& a, const hourglass::Tensor& b) {
  const auto left = a.values<std::uint8_t>(), right = b.values<std::uint8_t>();
  return a.shape() == b.shape() && std::equal(left.begin(), left.end(), right.begin());
}

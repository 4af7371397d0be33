#pragma once

#include <cmath>
#include <cstdint>

namespace hourglass::test {

/// Structural similarity by its definition, one window after another, in double; x and y are
/// [channels, height, width] of any kind of number.
template <class X, class Y>
double slow_similarity(const X* x, const Y* y, std::int64_t channels, std::int64_t height,
                       std::int64_t width) {
  constexpr int kSide = 11;
  double weights[kSide][kSide], total = 0;
  for (int i = 0; i < kSide; ++i) {
    for (int j = 0; j < kSide; ++j) {
      total += weights[i][j] = std::exp(-((i - 5) * (i - 5) + (j - 5) * (j - 5)) / (2 * 1.5 * 1.5));
    }
  }
  double sum = 0;
  std::int64_t places = 0;
  for (std::int64_t c = 0; c < channels; ++c) {
    for (std::int64_t top = 0; top + kSide <= height; ++top) {
      for (std::int64_t left = 0; left + kSide <= width; ++left, ++places) {
        const auto each = [&](auto use) {
          for (int i = 0; i < kSide; ++i) {
            for (int j = 0; j < kSide; ++j) {
              const std::int64_t at = (c * height + top + i) * width + left + j;
              use(weights[i][j] / total, static_cast<double>(x[at]), static_cast<double>(y[at]));
            }
          }
        };
        double mx = 0, my = 0, sx = 0, sy = 0, sxy = 0;
        each([&](double w, double a, double b) { mx += w * a, my += w * b; });
        each([&](double w, double a, double b) {
          sx += w * (a - mx) * (a - mx);
          sy += w * (b - my) * (b - my);
          sxy += w * (a - mx) * (b - my);
        });
        sum += (2 * mx * my + 1e-4) * (2 * sxy + 9e-4) /
               ((mx * mx + my * my + 1e-4) * (sx + sy + 9e-4));
      }
    }
  }
  return sum / static_cast<double>(places);
}

}  // namespace hourglass::test

#pragma once

#include <hourglass/graph/value.hpp>

#include <cstdint>

namespace hourglass {

/// The window that structural similarity looks through, a Gaussian: numbers along each side, and
/// their standard deviation.
inline constexpr std::int64_t kSimilarityWindow = 11;
inline constexpr double kSimilaritySigma = 1.5;
/// What keeps its quotients from 0 / 0: (0.01 L)^2 and (0.03 L)^2 for values in [0, L], L = 1.
inline constexpr double kSimilarityC1 = 1e-4;
inline constexpr double kSimilarityC2 = 9e-4;

/// How alike two images look, from -1 to 1; 1 where they are equal:
///     (2 m_x m_y + C1) (2 s_xy + C2) / ((m_x^2 + m_y^2 + C1) (s_x^2 + s_y^2 + C2)),
/// with means m, variances s^2 and covariance s_xy weighted by the window, at each of its places
/// inside the image; the mean over places and channels.
/// Z. Wang, A. C. Bovik, H. R. Sheikh, E. P. Simoncelli, 2004.
/// x, y: one shape, [batch, height, width] or [batch, channels, height, width], values in [0, 1].
/// Returns [batch]. Gradients of every order.
/// Throws ShapeError for other shapes, and for images smaller than the window.
HOURGLASS_API Value structural_similarity(Value x, Value y);

}  // namespace hourglass

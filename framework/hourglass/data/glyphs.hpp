#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/data/labels.hpp>

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace hourglass::glyphs {

/// Handwritten digits that need no files: each is drawn by a pen along strokes of our own, in one
/// of several styles, and varied by the factors below and by a little wobble of every point. An
/// image is a pure function of (seed, split, index).
inline constexpr std::int64_t kSide = 28;
inline constexpr std::int64_t kTrainingSize = 60'000;
inline constexpr std::int64_t kTestSize = 10'000;

/// What an image was drawn from, apart from its digit.
struct Factors {
  float slant = 0;      ///< pixels to the right per pixel upwards, -0.25 to 0.55
  float thickness = 0;  ///< of the pen, in pixels, 1.4 to 3.6
  float scale = 0;      ///< height of the digit over 20 pixels, 0.78 to 1.12
  float shift_x = 0;    ///< of the middle, in pixels, -2 to 2
  float shift_y = 0;    ///< likewise, downwards
  float curvature = 0;  ///< how far the middle bends to the right, over the height, -0.12 to 0.12
};

struct Glyph {
  int digit = 0;
  Factors factors;
};

/// Draws image `index` of `split` into `pixels` [28, 28], 0 background, 255 ink.
HOURGLASS_API Glyph draw(std::uint64_t seed, std::string_view split, std::int64_t index,
                         std::span<std::uint8_t> pixels);

struct GlyphSet {
  Tensor images;  ///< [count, 28, 28] u8
  Labels labels;  ///< the digit, and the six factors in the order above
};

/// The images 0 .. count-1 of `split`, drawn on all threads.
HOURGLASS_API GlyphSet draw_all(std::uint64_t seed, std::string_view split, std::int64_t count);

}  // namespace hourglass::glyphs

#pragma once

#include <hourglass/core/api.hpp>

#include <cstdint>

namespace hourglass::figure {

/// A colour in sRGB, each part in [0, 1].
struct Color {
  float red = 0;
  float green = 0;
  float blue = 0;

  friend bool operator==(const Color&, const Color&) = default;
};

/// From 0xRRGGBB.
constexpr Color rgb(std::uint32_t code) {
  return {static_cast<float>(code >> 16 & 255) / 255.0f,
          static_cast<float>(code >> 8 & 255) / 255.0f, static_cast<float>(code & 255) / 255.0f};
}

constexpr Color kWhite = rgb(0xffffff);
constexpr Color kInk = rgb(0x262626);    ///< text and titles
constexpr Color kFaded = rgb(0x6b6b6b);  ///< what matters less
constexpr Color kAxis = rgb(0xb4b4b4);
constexpr Color kGrid = rgb(0xe9e9e9);

/// Colours for things that have names. The first seven are those of Okabe and Ito (2008), which
/// people with any colour vision tell apart; then a brown, a grey and a dark blue; beyond ten, hues
/// that are as far from each other as can be.
HOURGLASS_API Color category_color(int index);

/// `from` at t = 0, `to` at t = 1.
HOURGLASS_API Color mix(Color from, Color to, float t);

/// Dark violet over teal to light yellow: brightness grows with t in [0, 1].
HOURGLASS_API Color sequential_color(float t);

/// Blue at -1, white at 0, red-brown at 1.
HOURGLASS_API Color diverging_color(float t);

}  // namespace hourglass::figure

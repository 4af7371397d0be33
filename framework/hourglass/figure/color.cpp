#include <hourglass/figure/color.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <span>

namespace hourglass::figure {
namespace {

constexpr Color kCategories[] = {rgb(0x0072b2), rgb(0xd55e00), rgb(0x009e73), rgb(0xcc79a7),
                                 rgb(0xe69f00), rgb(0x56b4e9), rgb(0xd8c72c), rgb(0x7a4b2a),
                                 rgb(0x8f8f8f), rgb(0x2b2f77)};

constexpr Color kSequential[] = {rgb(0x2c1e5c), rgb(0x31508c), rgb(0x25838e),
                                 rgb(0x3fb37c), rgb(0xa5d65a), rgb(0xfbec7a)};
constexpr Color kDiverging[] = {rgb(0x0b3f73), rgb(0x3f86bd), rgb(0xaed0e6), rgb(0xfcfcfc),
                                rgb(0xf6c3a2), rgb(0xd9703c), rgb(0x8c2d04)};

Color along(std::span<const Color> stops, float t) {
  if (!(t >= 0)) t = 0;  // NaN as well
  const float position = std::min(t, 1.0f) * static_cast<float>(stops.size() - 1);
  const auto below = std::min(static_cast<std::size_t>(position), stops.size() - 2);
  return mix(stops[below], stops[below + 1], position - static_cast<float>(below));
}

Color from_hue(float hue, float saturation, float value) {
  const auto part = [&](float offset) {
    const float k = std::fmod(offset + hue * 6, 6.0f);
    return value - value * saturation * std::clamp(std::min(k, 4 - k), 0.0f, 1.0f);
  };
  return {part(5), part(3), part(1)};
}

}  // namespace

Color category_color(int index) {
  constexpr int kCount = static_cast<int>(std::size(kCategories));
  if (index < kCount) return kCategories[std::max(index, 0)];
  constexpr float kGoldenRatio = 0.618034f;
  const float hue = std::fmod(static_cast<float>(index - kCount) * kGoldenRatio + 0.08f, 1.0f);
  const bool dark = (index - kCount) % 2 == 1;
  return from_hue(hue, dark ? 0.75f : 0.55f, dark ? 0.6f : 0.85f);
}

Color mix(Color from, Color to, float t) {
  return {from.red + (to.red - from.red) * t, from.green + (to.green - from.green) * t,
          from.blue + (to.blue - from.blue) * t};
}

Color sequential_color(float t) { return along(kSequential, t); }

Color diverging_color(float t) { return along(kDiverging, (t + 1) / 2); }

}  // namespace hourglass::figure

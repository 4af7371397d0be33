#pragma once

#include <span>

namespace hourglass::glyphs {

/// A point of a stroke: x to the right and y downwards, the digit filling about [0,1] x [0,1].
struct Point {
  float x;
  float y;
};

/// One movement of the pen: a smooth curve through its points.
struct Stroke {
  std::span<const Point> points;
};

/// One way to write a digit.
using Style = std::span<const Stroke>;

/// The ways to write `digit`, 0 to 9.
std::span<const Style> styles_of(int digit);

}  // namespace hourglass::glyphs

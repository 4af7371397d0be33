#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/nn/prior.hpp>

#include <cstdint>
#include <string>

namespace hourglass {

/// One of `width` classes for each of `count` codes, all as likely: [count, width] of zeros and
/// ones, from the named random stream.
HOURGLASS_API Value random_choice(Graph& graph, std::int64_t count, std::int64_t width,
                                  const std::string& stream);
/// A prior of such codes.
HOURGLASS_API Prior one_of(std::int64_t width);

/// Codes of `width` independent numbers, uniform in [low, high).
HOURGLASS_API Prior uniform_numbers(std::int64_t width, float low, float high);

/// Normal distributions about points spread evenly on a circle about zero, in the plane. The first
/// lies at (radius, 0), the others follow anticlockwise. Each is `along` wide (standard deviation)
/// on the ray through its middle and `across` wide across it.
struct Ring {
  std::int64_t components = 10;
  float radius = 4;
  float along = 0.8f;
  float across = 0.2f;
};
/// A code [count, 2] from the component that each row of `chosen` [count, components] names by a 1
/// among zeros.
HOURGLASS_API Value draw_from_ring(const Ring& ring, Value chosen, const std::string& stream);
/// A prior that draws from all components alike.
HOURGLASS_API Prior ring_of_normals(const Ring& ring);

/// A spiral about zero that begins in the middle and is left anticlockwise: at the part u in [0, 1)
/// of its length, the radius is `radius` sqrt(u) and the angle 2 pi `turns` sqrt(u), which spreads
/// codes evenly; with normal noise of standard deviation `noise` in both directions. Positions are
/// rounded to 1/1000.
struct SwissRoll {
  float radius = 4;
  float turns = 2;
  float noise = 0.1f;
};
/// A code [count, 2] from each position [count, 1] in [0, 1).
HOURGLASS_API Value draw_from_swiss_roll(const SwissRoll& roll, Value position,
                                         const std::string& stream);
/// A prior that draws from all positions alike.
HOURGLASS_API Prior swiss_roll(const SwissRoll& roll);

}  // namespace hourglass

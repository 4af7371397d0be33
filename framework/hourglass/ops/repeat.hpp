#pragma once

#include <hourglass/graph/value.hpp>

#include <cstdint>

namespace hourglass {

/// Each sample `times` times in a row.
/// x: [batch, d1, ...].  Returns [batch times, d1, ...], whose rows i times .. i times + times - 1
/// are row i of x.  Gradient: the sum over a row's copies.
/// Throws ShapeError when x is a scalar, or times < 1.
HOURGLASS_API Value repeat(Value x, std::int64_t times);

}  // namespace hourglass

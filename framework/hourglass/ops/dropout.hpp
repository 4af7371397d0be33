#pragma once

#include <hourglass/graph/value.hpp>

#include <string>

namespace hourglass {

/// Sets each element to 0 with probability `rate` and divides the others by 1 - rate, so that the
/// mean stays; x itself at rate 0. Whoever writes a layer leaves it out where it should not act, as
/// in evaluation. `stream` names the random numbers; see ops/random.hpp.
/// x: any shape, rate in [0, 1).  Gradient: dy times the same mask / (1 - rate).
/// Throws ShapeError for a rate outside [0, 1).   N. Srivastava et al., 2014.
HOURGLASS_API Value dropout(Value x, float rate, std::string stream);

}  // namespace hourglass

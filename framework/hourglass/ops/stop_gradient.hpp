#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// x itself, as a number that nothing depends on: no gradient flows through it.  x: any shape.
HOURGLASS_API Value stop_gradient(Value x);

}  // namespace hourglass

#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// 1 where a > b, else 0; a and b broadcast. No gradient flows through a comparison.
HOURGLASS_API Value greater(Value a, Value b);
/// 1 where a >= b, else 0; a and b broadcast. No gradient flows through a comparison.
HOURGLASS_API Value greater_equal(Value a, Value b);

/// The same with a number.
HOURGLASS_API Value greater(Value a, float b);
HOURGLASS_API Value greater(float a, Value b);
HOURGLASS_API Value greater_equal(Value a, float b);

}  // namespace hourglass

#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

// Operations on two tensors that broadcast: axes are aligned at the end, and an extent of 1
// stretches. Gradients are summed back over stretched axes. All throw ShapeError where two
// extents differ and neither is 1.

/// a + b.  Gradients: dy, dy.
HOURGLASS_API Value add(Value a, Value b);
/// a - b.  Gradients: dy, -dy.
HOURGLASS_API Value subtract(Value a, Value b);
/// a b, element by element.  Gradients: dy b, dy a.
HOURGLASS_API Value multiply(Value a, Value b);
/// a / b.  Gradients: dy / b, -dy a / b^2.
HOURGLASS_API Value divide(Value a, Value b);
/// The smaller of a and b; NaN in either gives NaN.  Gradient: to the smaller; halved between
/// equals.
HOURGLASS_API Value minimum(Value a, Value b);
/// The larger of a and b; NaN in either gives NaN.  Gradient: to the larger; halved between equals.
HOURGLASS_API Value maximum(Value a, Value b);

/// The same with a number.
HOURGLASS_API Value minimum(Value a, float b);
HOURGLASS_API Value maximum(Value a, float b);

inline Value operator+(Value a, Value b) { return add(a, b); }
inline Value operator-(Value a, Value b) { return subtract(a, b); }
inline Value operator*(Value a, Value b) { return multiply(a, b); }
inline Value operator/(Value a, Value b) { return divide(a, b); }

// With a number on one side.
HOURGLASS_API Value operator+(Value a, float b);
HOURGLASS_API Value operator+(float a, Value b);
HOURGLASS_API Value operator-(Value a, float b);
HOURGLASS_API Value operator-(float a, Value b);
HOURGLASS_API Value operator*(Value a, float b);
HOURGLASS_API Value operator*(float a, Value b);
HOURGLASS_API Value operator/(Value a, float b);
HOURGLASS_API Value operator/(float a, Value b);
HOURGLASS_API Value operator-(Value a);

}  // namespace hourglass

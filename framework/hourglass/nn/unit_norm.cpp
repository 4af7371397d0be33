#include <hourglass/core/error.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/nn/unit_norm.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/reshape.hpp>
#include <hourglass/ops/sqrt.hpp>
#include <hourglass/ops/square.hpp>
#include <hourglass/ops/sum.hpp>

namespace hourglass {

namespace {

constexpr float kLeast = 1e-20f;  // keeps a slice of zeros from dividing by zero

/// The sum along `axis`, which stays, with one element.
Value sum_along(Value x, int axis) {
  const Value folded = sum(x, {axis});  // checks the axis
  Shape shape;
  const int kept = axis < 0 ? axis + x.shape().rank() : axis;
  for (int i = 0; i < x.shape().rank(); ++i) shape = shape.appended(i == kept ? 1 : x.shape()[i]);
  return reshape(folded, shape);
}

}  // namespace

Value unit_norm(Value x, int axis) {
  const Value squares = sum_along(square(x), axis);
  return x / sqrt(maximum(squares, x.graph().filled({}, kLeast)));
}

Value perpendicular(Value x, Value direction, int axis) {
  if (x.shape() != direction.shape()) {
    throw ShapeError(text("[perpendicular] shapes must agree: got ", x.shape().to_text(), " and ",
                          direction.shape().to_text()));
  }
  const Value along = sum_along(x * direction, axis);
  const Value squares = maximum(sum_along(square(direction), axis), x.graph().filled({}, kLeast));
  return x - direction * (along / squares);
}

}  // namespace hourglass

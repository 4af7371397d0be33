#include <hourglass/core/error.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/broadcast.hpp>
#include <hourglass/ops/compare.hpp>
#include <hourglass/ops/fold.hpp>
#include <hourglass/ops/maximum_over.hpp>
#include <hourglass/ops/sum.hpp>

namespace hourglass {

namespace {

class MaximumOver final : public AxisFold {
 public:
  MaximumOver(const Shape& shape, std::vector<int> axes)
      : AxisFold(Fold::Maximum, 1.0f, shape, std::move(axes)) {}
  std::string name() const override { return "maximum_over"; }
  std::vector<Value> backward(const Backward& node) const override {
    const Value x = node.inputs[0];
    const Value largest = greater_equal(x, unfolded(node.outputs[0], x.shape()));
    const Value count = unfolded(sum(largest, axes()), x.shape());
    return {multiply(largest, divide(unfolded(node.gradients[0], x.shape()), count))};
  }
};

}  // namespace

Value maximum_over(Value x, std::span<const int> axes) {
  const std::vector<int> which = normalised_axes(x.shape(), axes, "maximum_over");
  for (int axis : which) {
    if (x.shape()[axis] == 0) {
      throw ShapeError(
          text("[maximum_over] axis ", axis, " of ", x.shape().to_text(), " has no elements"));
    }
  }
  if (which.empty()) return x;
  return x.graph().add(std::make_shared<MaximumOver>(x.shape(), which), {x},
                       folded_shape(x.shape(), which));
}

Value maximum_over(Value x, std::initializer_list<int> axes) {
  return maximum_over(x, std::span<const int>(axes.begin(), axes.size()));
}

}  // namespace hourglass

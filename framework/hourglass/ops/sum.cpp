#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/broadcast.hpp>
#include <hourglass/ops/fold.hpp>
#include <hourglass/ops/sum.hpp>

#include <algorithm>

namespace hourglass {

namespace {

class Sum final : public AxisFold {
 public:
  Sum(const Shape& shape, std::vector<int> axes)
      : AxisFold(Fold::Sum, 1.0f, shape, std::move(axes)) {}
  std::string name() const override { return "sum"; }
  std::vector<Value> backward(const Backward& node) const override {
    const Shape& shape = node.inputs[0].shape();
    return {broadcast_to(unfolded(node.gradients[0], shape), shape)};
  }
};

}  // namespace

Value sum(Value x, std::span<const int> axes) {
  const std::vector<int> which = normalised_axes(x.shape(), axes, "sum");
  if (which.empty()) return x;
  const Shape shape = folded_shape(x.shape(), which);
  if (const auto number = x.graph().number_of(x)) {
    return x.graph().filled(
        shape,
        *number * static_cast<float>(x.shape().size() / std::max<std::int64_t>(shape.size(), 1)));
  }
  return x.graph().add(std::make_shared<Sum>(x.shape(), which), {x}, shape);
}

Value sum(Value x, std::initializer_list<int> axes) {
  return sum(x, std::span<const int>(axes.begin(), axes.size()));
}

}  // namespace hourglass

#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/affine.hpp>
#include <hourglass/ops/broadcast.hpp>
#include <hourglass/ops/fold.hpp>
#include <hourglass/ops/mean.hpp>

namespace hourglass {

namespace {

float one_over_count(const Shape& shape, const std::vector<int>& axes) {
  std::int64_t count = 1;
  for (int axis : axes) count *= shape[axis];
  return 1.0f / static_cast<float>(count);
}

class Mean final : public AxisFold {
 public:
  Mean(const Shape& shape, const std::vector<int>& axes)
      : AxisFold(Fold::Sum, one_over_count(shape, axes), shape, axes) {}
  std::string name() const override { return "mean"; }
  std::vector<Value> backward(const Backward& node) const override {
    const Shape& shape = node.inputs[0].shape();
    return {broadcast_to(affine(unfolded(node.gradients[0], shape), scale()), shape)};
  }
};

}  // namespace

Value mean(Value x, std::span<const int> axes) {
  const std::vector<int> which = normalised_axes(x.shape(), axes, "mean");
  if (which.empty()) return x;
  return x.graph().add(std::make_shared<Mean>(x.shape(), which), {x},
                       folded_shape(x.shape(), which));
}

Value mean(Value x, std::initializer_list<int> axes) {
  return mean(x, std::span<const int>(axes.begin(), axes.size()));
}

}  // namespace hourglass

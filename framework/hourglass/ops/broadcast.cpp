#include <hourglass/core/error.hpp>
#include <hourglass/graph/elementwise.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/broadcast.hpp>
#include <hourglass/ops/reshape.hpp>
#include <hourglass/ops/sum.hpp>

#include <vector>

namespace hourglass {

namespace {

class BroadcastTo final : public Elementwise {
 public:
  std::string name() const override { return "broadcast_to"; }
  std::vector<Value> backward(const Backward& node) const override {
    return {sum_to(node.gradients[0], node.inputs[0].shape())};
  }
  void emit(SweepBuilder& sweep, std::span<const int> inputs,
            std::span<int> outputs) const override {
    outputs[0] = sweep.add(Code::Copy, {inputs[0]});
  }
};

}  // namespace

Value broadcast_to(Value x, const Shape& shape) {
  if (x.shape() == shape) return x;
  if (broadcast(x.shape(), shape, "broadcast_to") != shape) {
    throw ShapeError(
        text("[broadcast_to] ", x.shape().to_text(), " does not broadcast to ", shape.to_text()));
  }
  if (const auto number = x.graph().number_of(x)) return x.graph().filled(shape, *number);
  return x.graph().add(std::make_shared<BroadcastTo>(), {x}, shape);
}

Value sum_to(Value x, const Shape& shape) {
  if (x.shape() == shape) return x;
  const int added = x.shape().rank() - shape.rank();
  std::vector<int> axes;
  for (int axis = 0; axis < x.shape().rank(); ++axis) {
    if (axis < added || (shape[axis - added] == 1 && x.shape()[axis] != 1)) axes.push_back(axis);
  }
  return reshape(sum(x, axes), shape);
}

}  // namespace hourglass

#include <hourglass/core/error.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/reshape.hpp>

namespace hourglass {

namespace {

class Reshape final : public Operation {
 public:
  std::string name() const override { return "reshape"; }
  std::vector<Value> backward(const Backward& node) const override {
    return {reshape(node.gradients[0], node.inputs[0].shape())};
  }
  std::unique_ptr<Kernel> lower(Lowering&) const override { return nullptr; }
  std::optional<std::int64_t> view_offset() const override { return 0; }
};

}  // namespace

Value reshape(Value x, const Shape& shape) {
  if (x.shape() == shape) return x;
  if (x.shape().size() != shape.size()) {
    throw ShapeError(text("[reshape] ", x.shape().to_text(), " has ", x.shape().size(),
                          " elements, ", shape.to_text(), " has ", shape.size()));
  }
  if (const auto number = x.graph().number_of(x)) return x.graph().filled(shape, *number);
  return x.graph().add(std::make_shared<Reshape>(), {x}, shape);
}

Value flatten(Value x) {
  if (x.shape().rank() == 0) throw ShapeError("[flatten] a scalar has no batch axis");
  const std::int64_t batch = x.shape()[0];
  std::int64_t features = 1;
  for (int axis = 1; axis < x.shape().rank(); ++axis) features *= x.shape()[axis];
  return reshape(x, {batch, features});
}

}  // namespace hourglass

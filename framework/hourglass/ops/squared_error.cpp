#include <hourglass/core/error.hpp>
#include <hourglass/graph/elementwise.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/affine.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/squared_error.hpp>

namespace hourglass {

namespace {

class SquaredError final : public Elementwise {
 public:
  std::string name() const override { return "squared_error"; }
  bool keeps_zero() const override { return true; }
  std::vector<Value> backward(const Backward& node) const override {
    const Value difference = subtract(node.inputs[0], node.inputs[1]);
    const Value dx = multiply(affine(difference, 2.0f), node.gradients[0]);
    return {node.needed[0] ? dx : Value(), node.needed[1] ? affine(dx, -1.0f) : Value()};
  }
  void emit(SweepBuilder& sweep, std::span<const int> inputs,
            std::span<int> outputs) const override {
    const int difference = sweep.add(Code::Subtract, {inputs[0], inputs[1]});
    outputs[0] = sweep.add(Code::Square, {difference});
  }
};

}  // namespace

Value squared_error(Value x, Value target) {
  if (x.shape() != target.shape()) {
    throw ShapeError(text("[squared_error] x and target must have one shape: got ",
                          x.shape().to_text(), " and ", target.shape().to_text()));
  }
  return x.graph().add(std::make_shared<SquaredError>(), {x, target}, x.shape());
}

}  // namespace hourglass

#include <hourglass/core/error.hpp>
#include <hourglass/graph/elementwise.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/affine.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/binary_cross_entropy.hpp>
#include <hourglass/ops/sigmoid.hpp>

namespace hourglass {

namespace {

class BinaryCrossEntropy final : public Elementwise {
 public:
  std::string name() const override { return "binary_cross_entropy"; }
  std::vector<Value> backward(const Backward& node) const override {
    const Value logits = node.inputs[0], target = node.inputs[1], dy = node.gradients[0];
    return {node.needed[0] ? multiply(subtract(sigmoid(logits), target), dy) : Value(),
            node.needed[1] ? affine(multiply(dy, logits), -1.0f) : Value()};
  }
  void emit(SweepBuilder& sweep, std::span<const int> inputs,
            std::span<int> outputs) const override {
    const int bound = sweep.add(Code::Softplus, {inputs[0]});
    const int match = sweep.add(Code::Multiply, {inputs[0], inputs[1]});
    outputs[0] = sweep.add(Code::Subtract, {bound, match});
  }
};

}  // namespace

Value binary_cross_entropy(Value logits, Value target) {
  if (logits.shape() != target.shape()) {
    throw ShapeError(text("[binary_cross_entropy] logits and target must have one shape: got ",
                          logits.shape().to_text(), " and ", target.shape().to_text()));
  }
  return logits.graph().add(std::make_shared<BinaryCrossEntropy>(), {logits, target},
                            logits.shape());
}

}  // namespace hourglass

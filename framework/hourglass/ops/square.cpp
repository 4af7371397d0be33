#include <hourglass/graph/elementwise.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/affine.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/square.hpp>

namespace hourglass {

namespace {

class Square final : public Elementwise {
 public:
  std::string name() const override { return "square"; }
  bool keeps_zero() const override { return true; }
  std::vector<Value> backward(const Backward& node) const override {
    return {multiply(node.gradients[0], affine(node.inputs[0], 2.0f))};
  }
  void emit(SweepBuilder& sweep, std::span<const int> inputs,
            std::span<int> outputs) const override {
    outputs[0] = sweep.add(Code::Square, {inputs[0]});
  }
};

}  // namespace

Value square(Value x) { return x.graph().add(std::make_shared<Square>(), {x}, x.shape()); }

}  // namespace hourglass

#include <hourglass/graph/elementwise.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/affine.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/sqrt.hpp>

namespace hourglass {

namespace {

class Sqrt final : public Elementwise {
 public:
  std::string name() const override { return "sqrt"; }
  bool keeps_zero() const override { return true; }
  std::vector<Value> backward(const Backward& node) const override {
    return {divide(node.gradients[0], affine(node.outputs[0], 2.0f))};
  }
  void emit(SweepBuilder& sweep, std::span<const int> inputs,
            std::span<int> outputs) const override {
    outputs[0] = sweep.add(Code::Sqrt, {inputs[0]});
  }
};

}  // namespace

Value sqrt(Value x) { return x.graph().add(std::make_shared<Sqrt>(), {x}, x.shape()); }

}  // namespace hourglass

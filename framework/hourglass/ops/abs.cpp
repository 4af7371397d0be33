#include <hourglass/graph/elementwise.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/abs.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/slopes.hpp>

namespace hourglass {

namespace {

class Abs final : public Elementwise {
 public:
  std::string name() const override { return "abs"; }
  bool keeps_zero() const override { return true; }
  std::vector<Value> backward(const Backward& node) const override {
    return {multiply(node.gradients[0], sign(node.inputs[0]))};
  }
  void emit(SweepBuilder& sweep, std::span<const int> inputs,
            std::span<int> outputs) const override {
    outputs[0] = sweep.add(Code::Abs, {inputs[0]});
  }
};

}  // namespace

Value abs(Value x) { return x.graph().add(std::make_shared<Abs>(), {x}, x.shape()); }

}  // namespace hourglass

#include <hourglass/graph/elementwise.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/exp.hpp>

namespace hourglass {

namespace {

class Exp final : public Elementwise {
 public:
  std::string name() const override { return "exp"; }
  std::vector<Value> backward(const Backward& node) const override {
    return {multiply(node.gradients[0], node.outputs[0])};
  }
  void emit(SweepBuilder& sweep, std::span<const int> inputs,
            std::span<int> outputs) const override {
    outputs[0] = sweep.add(Code::Exp, {inputs[0]});
  }
};

}  // namespace

Value exp(Value x) { return x.graph().add(std::make_shared<Exp>(), {x}, x.shape()); }

}  // namespace hourglass

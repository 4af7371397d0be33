#include <hourglass/graph/elementwise.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/sigmoid.hpp>
#include <hourglass/ops/softplus.hpp>

namespace hourglass {

namespace {

class Softplus final : public Elementwise {
 public:
  std::string name() const override { return "softplus"; }
  std::vector<Value> backward(const Backward& node) const override {
    return {multiply(node.gradients[0], sigmoid(node.inputs[0]))};
  }
  void emit(SweepBuilder& sweep, std::span<const int> inputs,
            std::span<int> outputs) const override {
    outputs[0] = sweep.add(Code::Softplus, {inputs[0]});
  }
};

}  // namespace

Value softplus(Value x) { return x.graph().add(std::make_shared<Softplus>(), {x}, x.shape()); }

}  // namespace hourglass

#include <hourglass/graph/elementwise.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/relu.hpp>
#include <hourglass/ops/slopes.hpp>

namespace hourglass {

namespace {

class Relu final : public Elementwise {
 public:
  std::string name() const override { return "relu"; }
  bool keeps_zero() const override { return true; }
  onednn::OptionalPostOp post_op() const override {
    return onednn::PostOp{onednn::PostOp::Kind::Relu};
  }
  std::vector<Value> backward(const Backward& node) const override {
    return {multiply(node.gradients[0], relu_slope(node.outputs[0], 0.0f))};
  }
  void emit(SweepBuilder& sweep, std::span<const int> inputs,
            std::span<int> outputs) const override {
    outputs[0] = sweep.add(Code::Relu, {inputs[0]});
  }
};

}  // namespace

Value relu(Value x) { return x.graph().add(std::make_shared<Relu>(), {x}, x.shape()); }

}  // namespace hourglass

#include <hourglass/graph/elementwise.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/affine.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/square.hpp>
#include <hourglass/ops/tanh.hpp>

namespace hourglass {

namespace {

class Tanh final : public Elementwise {
 public:
  std::string name() const override { return "tanh"; }
  bool keeps_zero() const override { return true; }
  onednn::OptionalPostOp post_op() const override {
    return onednn::PostOp{onednn::PostOp::Kind::Tanh};
  }
  std::vector<Value> backward(const Backward& node) const override {
    return {multiply(node.gradients[0], affine(square(node.outputs[0]), -1.0f, 1.0f))};
  }
  void emit(SweepBuilder& sweep, std::span<const int> inputs,
            std::span<int> outputs) const override {
    outputs[0] = sweep.add(Code::Tanh, {inputs[0]});
  }
};

}  // namespace

Value tanh(Value x) { return x.graph().add(std::make_shared<Tanh>(), {x}, x.shape()); }

}  // namespace hourglass

#include <hourglass/graph/elementwise.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/affine.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/sigmoid.hpp>

namespace hourglass {

namespace {

class Sigmoid final : public Elementwise {
 public:
  std::string name() const override { return "sigmoid"; }
  onednn::OptionalPostOp post_op() const override {
    return onednn::PostOp{onednn::PostOp::Kind::Sigmoid};
  }
  std::vector<Value> backward(const Backward& node) const override {
    return {multiply(node.gradients[0],
                     multiply(node.outputs[0], affine(node.outputs[0], -1.0f, 1.0f)))};
  }
  void emit(SweepBuilder& sweep, std::span<const int> inputs,
            std::span<int> outputs) const override {
    outputs[0] = sweep.add(Code::Sigmoid, {inputs[0]});
  }
};

}  // namespace

Value sigmoid(Value x) { return x.graph().add(std::make_shared<Sigmoid>(), {x}, x.shape()); }

}  // namespace hourglass

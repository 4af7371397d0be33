#include <hourglass/core/text.hpp>
#include <hourglass/graph/elementwise.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/affine.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/power.hpp>

namespace hourglass {

namespace {

class Power final : public Elementwise {
 public:
  explicit Power(float exponent) : exponent_(exponent) {}
  std::string name() const override { return "power"; }
  std::string attributes() const override { return text("exponent=", exponent_); }
  std::vector<Value> backward(const Backward& node) const override {
    return {
        multiply(node.gradients[0], affine(power(node.inputs[0], exponent_ - 1.0f), exponent_))};
  }
  void emit(SweepBuilder& sweep, std::span<const int> inputs,
            std::span<int> outputs) const override {
    outputs[0] = sweep.add(Code::Power, {inputs[0]}, exponent_);
  }

 private:
  float exponent_;
};

}  // namespace

Value power(Value x, float exponent) {
  return x.graph().add(std::make_shared<Power>(exponent), {x}, x.shape());
}

}  // namespace hourglass

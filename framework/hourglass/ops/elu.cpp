#include <hourglass/core/error.hpp>
#include <hourglass/graph/elementwise.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/elu.hpp>
#include <hourglass/ops/slopes.hpp>

namespace hourglass {

namespace {

class Elu final : public Elementwise {
 public:
  explicit Elu(float alpha) : alpha_(alpha) {}
  std::string name() const override { return "elu"; }
  std::string attributes() const override { return text("alpha=", alpha_); }
  bool keeps_zero() const override { return true; }
  onednn::OptionalPostOp post_op() const override {
    return onednn::PostOp{onednn::PostOp::Kind::Elu, alpha_};
  }
  std::vector<Value> backward(const Backward& node) const override {
    return {multiply(node.gradients[0], elu_slope(node.outputs[0], alpha_))};
  }
  void emit(SweepBuilder& sweep, std::span<const int> inputs,
            std::span<int> outputs) const override {
    outputs[0] = sweep.add(Code::Elu, {inputs[0]}, alpha_);
  }

 private:
  float alpha_;
};

}  // namespace

Value elu(Value x, float alpha) {
  if (!(alpha > 0)) throw ShapeError(text("[elu] alpha must be > 0, got ", alpha));
  return x.graph().add(std::make_shared<Elu>(alpha), {x}, x.shape());
}

}  // namespace hourglass

#include <hourglass/core/error.hpp>
#include <hourglass/graph/elementwise.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/leaky_relu.hpp>
#include <hourglass/ops/slopes.hpp>

namespace hourglass {

namespace {

class LeakyRelu final : public Elementwise {
 public:
  explicit LeakyRelu(float slope) : slope_(slope) {}
  std::string name() const override { return "leaky_relu"; }
  std::string attributes() const override { return text("slope=", slope_); }
  bool keeps_zero() const override { return true; }
  onednn::OptionalPostOp post_op() const override {
    return onednn::PostOp{onednn::PostOp::Kind::Relu, slope_};
  }
  std::vector<Value> backward(const Backward& node) const override {
    return {multiply(node.gradients[0], relu_slope(node.outputs[0], slope_))};
  }
  void emit(SweepBuilder& sweep, std::span<const int> inputs,
            std::span<int> outputs) const override {
    outputs[0] = sweep.add(Code::Relu, {inputs[0]}, slope_);
  }

 private:
  float slope_;
};

}  // namespace

Value leaky_relu(Value x, float slope) {
  if (!(slope > 0 && slope < 1)) {
    throw ShapeError(text("[leaky_relu] slope must be in (0, 1), got ", slope));
  }
  return x.graph().add(std::make_shared<LeakyRelu>(slope), {x}, x.shape());
}

}  // namespace hourglass

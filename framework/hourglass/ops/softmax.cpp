#include <hourglass/core/error.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/graph/primitive_kernel.hpp>
#include <hourglass/onednn/softmax.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/exp.hpp>
#include <hourglass/ops/reshape.hpp>
#include <hourglass/ops/softmax.hpp>
#include <hourglass/ops/sum.hpp>

namespace hourglass {

namespace {

/// The sum along one axis, which stays, with one element.
Value sum_along(Value x, int axis) { return reshape(sum(x, {axis}), x.shape().with(axis, 1)); }

class Softmax final : public Operation {
 public:
  Softmax(int axis, bool logarithm) : axis_(axis), logarithm_(logarithm) {}
  std::string name() const override { return logarithm_ ? "log_softmax" : "softmax"; }
  std::string attributes() const override { return text("axis=", axis_); }
  std::vector<Value> backward(const Backward& node) const override {
    const Value y = node.outputs[0], dy = node.gradients[0];
    if (logarithm_) return {dy - exp(y) * sum_along(dy, axis_)};
    return {y * (dy - sum_along(dy * y, axis_))};
  }
  std::unique_ptr<Kernel> lower(Lowering& lowering) const override {
    using onednn::Argument;
    return std::make_unique<PrimitiveKernel>(
        onednn::softmax(onednn::Layout::plain(lowering.input_shape(0)), axis_, logarithm_),
        std::vector{Argument::Source}, std::vector{Argument::Destination});
  }

 private:
  int axis_;
  bool logarithm_;
};

Value make(Value x, int axis, bool logarithm) {
  const int which = x.shape().axis(axis, logarithm ? "log_softmax" : "softmax");
  return x.graph().add(std::make_shared<Softmax>(which, logarithm), {x}, x.shape());
}

}  // namespace

Value softmax(Value x, int axis) { return make(x, axis, false); }
Value log_softmax(Value x, int axis) { return make(x, axis, true); }

}  // namespace hourglass

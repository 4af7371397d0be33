#include <hourglass/graph/elementwise.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/affine.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/erf.hpp>
#include <hourglass/ops/exp.hpp>
#include <hourglass/ops/square.hpp>

namespace hourglass {

namespace {

class Erf final : public Elementwise {
 public:
  std::string name() const override { return "erf"; }
  bool keeps_zero() const override { return true; }
  std::vector<Value> backward(const Backward& node) const override {
    return {multiply(node.gradients[0],
                     affine(exp(affine(square(node.inputs[0]), -1.0f)), 1.12837917f))};
  }
  void emit(SweepBuilder& sweep, std::span<const int> inputs,
            std::span<int> outputs) const override {
    outputs[0] = sweep.add(Code::Erf, {inputs[0]});
  }
};

}  // namespace

Value erf(Value x) { return x.graph().add(std::make_shared<Erf>(), {x}, x.shape()); }

}  // namespace hourglass

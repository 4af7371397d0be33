#include <hourglass/graph/elementwise.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/stop_gradient.hpp>

namespace hourglass {

namespace {

class StopGradient final : public Elementwise {
 public:
  std::string name() const override { return "stop_gradient"; }
  bool keeps_zero() const override { return true; }
  bool stops_gradient() const override { return true; }
  std::vector<Value> backward(const Backward&) const override { return {Value()}; }
  void emit(SweepBuilder&, std::span<const int> inputs, std::span<int> outputs) const override {
    outputs[0] = inputs[0];
  }
};

}  // namespace

Value stop_gradient(Value x) {
  return x.graph().add(std::make_shared<StopGradient>(), {x}, x.shape());
}

}  // namespace hourglass

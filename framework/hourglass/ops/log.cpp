#include <hourglass/graph/elementwise.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/log.hpp>

namespace hourglass {

namespace {

class Log final : public Elementwise {
 public:
  std::string name() const override { return "log"; }
  std::vector<Value> backward(const Backward& node) const override {
    return {divide(node.gradients[0], node.inputs[0])};
  }
  void emit(SweepBuilder& sweep, std::span<const int> inputs,
            std::span<int> outputs) const override {
    outputs[0] = sweep.add(Code::Log, {inputs[0]});
  }
};

}  // namespace

Value log(Value x) { return x.graph().add(std::make_shared<Log>(), {x}, x.shape()); }

}  // namespace hourglass

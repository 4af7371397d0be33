#include <hourglass/graph/elementwise.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/adam.hpp>

namespace hourglass {

namespace {

class AdamStep final : public Elementwise {
 public:
  explicit AdamStep(const AdamConstants& constants) : constants_(constants) {}
  std::string name() const override { return "adam"; }
  /// Whatever the rate and the correction are.
  bool gives_zero(const std::vector<bool>& zero) const override {
    return zero[0] && zero[1] && zero[2] && zero[3];
  }
  std::vector<Value> backward(const Backward& node) const override {
    return Operation::backward(node);
  }
  void emit(SweepBuilder& sweep, std::span<const int> inputs,
            std::span<int> outputs) const override {
    sweep.add(Code::Adam, {inputs[0], inputs[1], inputs[2], inputs[3], inputs[4], inputs[5]},
              outputs, {constants_.beta1, constants_.beta2, constants_.epsilon, 0});
  }

 private:
  AdamConstants constants_;
};

}  // namespace

std::array<Value, 3> adam_step(Value parameter, Value gradient, Value m, Value v, Value rate,
                               Value correction, const AdamConstants& constants) {
  const Shape& shape = parameter.shape();
  const std::array<Shape, 3> shapes{shape, shape, shape};
  const std::array<Value, 6> inputs{parameter, gradient, m, v, rate, correction};
  const auto outputs = parameter.graph().add(std::make_shared<AdamStep>(constants), inputs, shapes);
  return {outputs[0], outputs[1], outputs[2]};
}

}  // namespace hourglass

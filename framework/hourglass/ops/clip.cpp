#include <hourglass/core/error.hpp>
#include <hourglass/graph/elementwise.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/clip.hpp>
#include <hourglass/ops/slopes.hpp>

namespace hourglass {

namespace {

class Clip final : public Elementwise {
 public:
  Clip(float low, float high) : low_(low), high_(high) {}
  std::string name() const override { return "clip"; }
  std::string attributes() const override { return text("low=", low_, ", ", "high=", high_); }
  std::vector<Value> backward(const Backward& node) const override {
    return {multiply(node.gradients[0], inside(node.inputs[0], low_, high_))};
  }
  void emit(SweepBuilder& sweep, std::span<const int> inputs,
            std::span<int> outputs) const override {
    outputs[0] = sweep.add(Code::Clip, {inputs[0]}, low_, high_);
  }

 private:
  float low_, high_;
};

}  // namespace

Value clip(Value x, float low, float high) {
  if (!(low < high)) {
    throw ShapeError(text("[clip] low must be below high, got ", low, " and ", high));
  }
  return x.graph().add(std::make_shared<Clip>(low, high), {x}, x.shape());
}

}  // namespace hourglass

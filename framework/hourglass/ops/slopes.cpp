#include <hourglass/graph/elementwise.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/affine.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/slopes.hpp>

namespace hourglass {

namespace {

class Slope : public Elementwise {
 public:
  Slope(const char* name, Code code, float p, float q) : name_(name), code_(code), p_(p), q_(q) {}
  std::string name() const override { return name_; }
  bool stops_gradient() const override { return true; }
  std::vector<Value> backward(const Backward&) const override { return {Value()}; }
  void emit(SweepBuilder& sweep, std::span<const int> inputs,
            std::span<int> outputs) const override {
    outputs[0] = sweep.add(code_, {inputs[0]}, p_, q_);
  }

 private:
  const char* name_;
  Code code_;
  float p_, q_;
};

class EluSlope final : public Slope {
 public:
  explicit EluSlope(float alpha) : Slope("elu_slope", Code::EluSlope, alpha, 0) {}
  bool stops_gradient() const override { return false; }
  std::vector<Value> backward(const Backward& node) const override {
    const Value bent = affine(relu_slope(node.inputs[0], 0.0f), -1.0f, 1.0f);
    return {multiply(node.gradients[0], bent)};
  }
};

template <class T = Slope, class... Arguments>
Value make(Value x, Arguments... arguments) {
  return x.graph().add(std::make_shared<T>(arguments...), {x}, x.shape());
}

}  // namespace

Value relu_slope(Value x, float below) {
  return make(x, "relu_slope", Code::ReluSlope, below, 0.0f);
}
Value elu_slope(Value y, float alpha) { return make<EluSlope>(y, alpha); }
Value sign(Value x) { return make(x, "sign", Code::Sign, 0.0f, 0.0f); }
Value inside(Value x, float low, float high) { return make(x, "inside", Code::Inside, low, high); }

}  // namespace hourglass

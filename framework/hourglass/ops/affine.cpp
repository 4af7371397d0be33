#include <hourglass/core/text.hpp>
#include <hourglass/graph/elementwise.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/affine.hpp>

namespace hourglass {

namespace {

class Affine final : public Elementwise {
 public:
  Affine(float scale, float shift) : scale_(scale), shift_(shift) {}
  std::string name() const override { return "affine"; }
  std::string attributes() const override { return text(scale_, " x + ", shift_); }
  bool keeps_zero() const override { return shift_ == 0.0f; }
  std::vector<Value> backward(const Backward& node) const override {
    return {affine(node.gradients[0], scale_)};
  }
  void emit(SweepBuilder& sweep, std::span<const int> inputs,
            std::span<int> outputs) const override {
    outputs[0] = sweep.add(Code::Affine, {inputs[0]}, scale_, shift_);
  }

 private:
  float scale_, shift_;
};

}  // namespace

Value affine(Value x, float scale, float shift) {
  if (scale == 1.0f && shift == 0.0f) return x;
  if (const auto number = x.graph().number_of(x)) {
    return x.graph().filled(x.shape(), scale * *number + shift);
  }
  return x.graph().add(std::make_shared<Affine>(scale, shift), {x}, x.shape());
}

}  // namespace hourglass

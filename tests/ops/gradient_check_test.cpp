#include "ops/evaluate.hpp"

#include <hourglass/graph/elementwise.hpp>
#include <hourglass/ops/relu.hpp>
#include <hourglass/ops/square.hpp>

namespace hourglass::test {

namespace {

/// Faults that a check must find, in an operation that squares.
enum class Fault { None, WrongGradient, UnwrittenElement, OverwrittenInput };

class SquareKernel final : public Kernel {
 public:
  SquareKernel(Fault fault, std::int64_t size) : fault_(fault), size_(size) {}
  void bind(const Binding& binding) override {
    x_ = const_cast<float*>(binding.input(0));
    y_ = binding.output(0);
  }
  void run() override {
    for (std::int64_t i = fault_ == Fault::UnwrittenElement; i < size_; ++i) y_[i] = x_[i] * x_[i];
    if (fault_ == Fault::OverwrittenInput) x_[0] = 3;
  }
  std::string implementation() const override { return "faulty"; }

 private:
  Fault fault_;
  std::int64_t size_;
  float* x_ = nullptr;
  float* y_ = nullptr;
};

class FaultySquare final : public Operation {
 public:
  explicit FaultySquare(Fault fault) : fault_(fault) {}
  std::string name() const override { return "faulty_square"; }
  std::vector<Value> backward(const Backward& node) const override {
    const float factor = fault_ == Fault::WrongGradient ? 2.02f : 2.0f;
    return {node.gradients[0] * node.inputs[0] * factor};
  }
  std::unique_ptr<Kernel> lower(Lowering& lowering) const override {
    return std::make_unique<SquareKernel>(fault_, lowering.input_shape(0).size());
  }

 private:
  Fault fault_;
};

GradientReport check(Fault fault) {
  return check_gradients(
      [=](Values x) {
        return x[0].graph().add(std::make_shared<FaultySquare>(fault), {x[0]}, x[0].shape());
      },
      {tensor({2}, {0.5f, -1})});
}

}  // namespace

TEST_SUITE("ops/gradient_check") {
  TEST_CASE("passes what is right, with an empty table") {
    const GradientReport report = check(Fault::None);
    CHECK(report.passed);
    CHECK(report.table.empty());
  }

  TEST_CASE("finds a gradient that is one percent off, and shows where") {
    const GradientReport report = check(Fault::WrongGradient);
    CHECK_FALSE(report.passed);
    CHECK(report.table.starts_with("input index analytic numeric absolute relative\n0 [0] "));
    CHECK(report.table.find("\n0 [1] ") != std::string::npos);
    CHECK(report.table.find(" 0.0099\n") != std::string::npos);
  }

  TEST_CASE("finds an element that nobody wrote and an input that somebody overwrote") {
    CHECK_FALSE(check(Fault::UnwrittenElement).passed);
    CHECK_FALSE(check(Fault::OverwrittenInput).passed);
  }

  TEST_CASE("finds a kink") {
    CHECK_FALSE(check_gradients([](Values x) { return relu(x[0]); }, {tensor({1}, {0})}).passed);
  }
}

}  // namespace hourglass::test

#include <hourglass/graph/elementwise.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/affine.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/broadcast.hpp>
#include <hourglass/ops/compare.hpp>

namespace hourglass {

namespace {

/// An operation of two broadcast operands whose gradients are given by `rule` in the output's
/// shape.
class Binary : public Elementwise {
 public:
  Binary(const char* name, Code code) : name_(name), code_(code) {}
  std::string name() const override { return name_; }
  void emit(SweepBuilder& sweep, std::span<const int> inputs,
            std::span<int> outputs) const override {
    outputs[0] = sweep.add(code_, {inputs[0], inputs[1]});
  }
  std::vector<Value> backward(const Backward& node) const override {
    std::vector<Value> result(2);
    for (int i = 0; i < 2; ++i) {
      if (!node.needed[i]) continue;
      result[i] = sum_to(gradient(node, i), node.inputs[i].shape());
    }
    return result;
  }

 private:
  virtual Value gradient(const Backward& node, int input) const = 0;
  const char* name_;
  Code code_;
};

class Add final : public Binary {
 public:
  Add() : Binary("add", Code::Add) {}
  bool keeps_zero() const override { return true; }
  Value gradient(const Backward& node, int) const override { return node.gradients[0]; }
};

class Subtract final : public Binary {
 public:
  Subtract() : Binary("subtract", Code::Subtract) {}
  bool keeps_zero() const override { return true; }
  Value gradient(const Backward& node, int input) const override {
    return input == 0 ? node.gradients[0] : affine(node.gradients[0], -1.0f);
  }
};

class Multiply final : public Binary {
 public:
  Multiply() : Binary("multiply", Code::Multiply) {}
  bool gives_zero(const std::vector<bool>& zero) const override { return zero[0] || zero[1]; }
  Value gradient(const Backward& node, int input) const override {
    return multiply(node.gradients[0], node.inputs[1 - input]);
  }
};

class Divide final : public Binary {
 public:
  Divide() : Binary("divide", Code::Divide) {}
  Value gradient(const Backward& node, int input) const override {
    const Value share = divide(node.gradients[0], node.inputs[1]);
    return input == 0 ? share : affine(multiply(share, node.outputs[0]), -1.0f);
  }
};

/// Minimum or maximum: the gradient goes where a > b, or b > a, and half to each of two equals.
class Extreme final : public Binary {
 public:
  Extreme(const char* name, Code code) : Binary(name, code), larger_(code == Code::Maximum) {}
  bool keeps_zero() const override { return true; }
  Value gradient(const Backward& node, int input) const override {
    const Value mine = node.inputs[larger_ ? input : 1 - input];
    const Value other = node.inputs[larger_ ? 1 - input : input];
    const Value share = affine(add(greater(mine, other), greater_equal(mine, other)), 0.5f);
    return multiply(node.gradients[0], share);
  }

 private:
  bool larger_;
};

template <class Operation, class... Arguments>
Value make(Value a, Value b, const char* name, Arguments... arguments) {
  const Shape shape = broadcast(a.shape(), b.shape(), name);
  return a.graph().add(std::make_shared<Operation>(arguments...), {a, b}, shape);
}

/// The number that b is made of, when a's shape is the result's: then b need not be a tensor.
std::optional<float> number_beside(Value a, Value b, const char* name) {
  if (broadcast(a.shape(), b.shape(), name) != a.shape()) return std::nullopt;
  return b.graph().number_of(b);
}

}  // namespace

Value add(Value a, Value b) {
  if (const auto number = number_beside(a, b, "add")) return affine(a, 1.0f, *number);
  if (const auto number = number_beside(b, a, "add")) return affine(b, 1.0f, *number);
  return make<Add>(a, b, "add");
}

Value subtract(Value a, Value b) {
  if (const auto number = number_beside(a, b, "subtract")) return affine(a, 1.0f, -*number);
  if (const auto number = number_beside(b, a, "subtract")) return affine(b, -1.0f, *number);
  return make<Subtract>(a, b, "subtract");
}

Value multiply(Value a, Value b) {
  if (const auto number = number_beside(a, b, "multiply")) return affine(a, *number);
  if (const auto number = number_beside(b, a, "multiply")) return affine(b, *number);
  return make<Multiply>(a, b, "multiply");
}

Value divide(Value a, Value b) {
  if (const auto number = number_beside(a, b, "divide")) return affine(a, 1.0f / *number);
  return make<Divide>(a, b, "divide");
}

Value minimum(Value a, Value b) { return make<Extreme>(a, b, "minimum", "minimum", Code::Minimum); }
Value maximum(Value a, Value b) { return make<Extreme>(a, b, "maximum", "maximum", Code::Maximum); }

Value minimum(Value a, float b) { return minimum(a, a.graph().filled({}, b)); }
Value maximum(Value a, float b) { return maximum(a, a.graph().filled({}, b)); }

Value operator+(Value a, float b) { return affine(a, 1.0f, b); }
Value operator+(float a, Value b) { return affine(b, 1.0f, a); }
Value operator-(Value a, float b) { return affine(a, 1.0f, -b); }
Value operator-(float a, Value b) { return affine(b, -1.0f, a); }
Value operator*(Value a, float b) { return affine(a, b); }
Value operator*(float a, Value b) { return affine(b, a); }
Value operator/(Value a, float b) { return affine(a, 1.0f / b); }
Value operator/(float a, Value b) { return divide(b.graph().filled(b.shape(), a), b); }
Value operator-(Value a) { return affine(a, -1.0f); }

}  // namespace hourglass

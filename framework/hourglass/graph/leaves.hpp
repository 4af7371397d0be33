#pragma once

#include <hourglass/core/tensor.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/graph/elementwise.hpp>
#include <hourglass/graph/operation.hpp>
#include <hourglass/graph/variable.hpp>

#include <cstdint>
#include <functional>
#include <string>

namespace hourglass {

/// Operations without inputs: where a program's data come from. They have no kernel.
class Leaf : public Operation {
 public:
  std::unique_ptr<Kernel> lower(Lowering&) const final { return nullptr; }
  std::vector<Value> backward(const Backward&) const final { return {}; }
};

class InputLeaf final : public Leaf {
 public:
  explicit InputLeaf(std::string label) : label_(std::move(label)) {}
  std::string name() const override { return "input"; }
  std::string attributes() const override { return label_; }
  const std::string& label() const { return label_; }

 private:
  std::string label_;
};

class VariableLeaf final : public Leaf {
 public:
  explicit VariableLeaf(Variable& variable) : variable_(variable) {}
  std::string name() const override { return "variable"; }
  std::string attributes() const override { return variable_.path(); }
  Variable& variable() const { return variable_; }

 private:
  Variable& variable_;
};

class ConstantLeaf final : public Leaf {
 public:
  explicit ConstantLeaf(Tensor tensor) : tensor_(std::move(tensor)) {}
  std::string name() const override { return "constant"; }
  const Tensor& tensor() const { return tensor_; }

 private:
  Tensor tensor_;
};

class FilledLeaf final : public Leaf {
 public:
  explicit FilledLeaf(float number) : number_(number) {}
  std::string name() const override { return "filled"; }
  std::string attributes() const override { return text(number_); }
  float number() const { return number_; }

 private:
  float number_;
};

class SlotLeaf final : public Leaf {
 public:
  SlotLeaf(std::string label, std::function<double(std::int64_t)> function)
      : label_(std::move(label)), function_(std::move(function)) {}
  std::string name() const override { return "slot"; }
  std::string attributes() const override { return label_; }
  double at(std::int64_t step) const { return function_(step); }

 private:
  std::string label_;
  std::function<double(std::int64_t)> function_;
};

/// Copies its input into a variable's memory.
class Assign final : public Elementwise {
 public:
  explicit Assign(Variable& variable) : variable_(variable) {}
  std::string name() const override { return "assign"; }
  std::string attributes() const override { return variable_.path(); }
  std::vector<Value> backward(const Backward&) const override { return {Value()}; }
  void emit(SweepBuilder& sweep, std::span<const int> inputs,
            std::span<int> outputs) const override;
  Variable& variable() const { return variable_; }

 private:
  Variable& variable_;
};

/// The leaf or assignment that an operation is, or nullptr.
template <class T>
const T* as(const Operation& operation) {
  return dynamic_cast<const T*>(&operation);
}

}  // namespace hourglass

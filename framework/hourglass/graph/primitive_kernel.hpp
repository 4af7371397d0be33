#pragma once

#include <hourglass/graph/kernel.hpp>
#include <hourglass/onednn/primitive.hpp>

#include <utility>
#include <vector>

namespace hourglass {

/// A oneDNN primitive as a kernel: which argument each input and output of the node is.
class PrimitiveKernel final : public Kernel {
 public:
  PrimitiveKernel(onednn::Primitive primitive, std::vector<onednn::Argument> inputs,
                  std::vector<onednn::Argument> outputs)
      : primitive_(std::move(primitive)),
        inputs_(std::move(inputs)),
        outputs_(std::move(outputs)) {}

  void bind(const Binding& binding) override {
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      primitive_.bind(inputs_[i], binding.inputs[i]);
    }
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      primitive_.bind(outputs_[i], binding.outputs[i]);
    }
    primitive_.bind_scratch(binding.scratch);
  }
  void run() override { primitive_.execute(); }
  std::size_t scratch_bytes() const override { return primitive_.scratch_bytes(); }
  std::string implementation() const override { return primitive_.implementation(); }

 private:
  onednn::Primitive primitive_;
  std::vector<onednn::Argument> inputs_;
  std::vector<onednn::Argument> outputs_;
};

}  // namespace hourglass

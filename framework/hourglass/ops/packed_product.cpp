#include <hourglass/core/cpu.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/graph/sweep.hpp>
#include <hourglass/graph/sweep_kernels.hpp>
#include <hourglass/onednn/matmul.hpp>
#include <hourglass/ops/packed_product.hpp>

#include <cassert>

namespace hourglass {

extern const PackedProductKernels kPackedProductKernels_v3;

namespace {

Code code_of(onednn::PostOp::Kind kind) {
  switch (kind) {
    case onednn::PostOp::Kind::Elu: return Code::Elu;
    case onednn::PostOp::Kind::Sigmoid: return Code::Sigmoid;
    case onednn::PostOp::Kind::Tanh: return Code::Tanh;
    case onednn::PostOp::Kind::Relu: break;
  }
  return Code::Relu;
}

class PackedProductKernel final : public Kernel {
 public:
  PackedProductKernel(const PackedProduct& product, onednn::OptionalPostOp activation)
      : product_(product), activation_(activation) {
    // A plain ReLU is done on tiles in registers; what costs more than memory, on rows.
    product_.relu = activation == onednn::PostOp{onednn::PostOp::Kind::Relu};
    if (product_.relu) activation_.reset();
  }
  std::size_t scratch_bytes() const override {
    return kPackedProductKernels_v3.scratch_bytes(product_);
  }
  std::string implementation() const override { return text("packed:", name_of(Isa::V3)); }
  void bind(const Binding& binding) override {
    product_.a.data = binding.input(0);
    product_.b.data = binding.input(1);
    product_.bias = binding.inputs.size() > 2 ? binding.input(2) : nullptr;
    product_.c = binding.output(0);
    assert(binding.outputs.size() == 1 || product_.a.column_step != 1);
    product_.row_sums = binding.outputs.size() > 1 ? binding.output(1) : nullptr;
    scratch_ = reinterpret_cast<float*>(binding.scratch);
  }
  void run() override {
    kPackedProductKernels_v3.run(product_, scratch_);
    if (!activation_) return;
    const auto activate = vector_kernels().codes[static_cast<int>(code_of(activation_->kind))];
    for (std::int64_t i = 0; i < product_.rows; ++i) {
      float* row = product_.c + i * product_.c_step;
      activate({.n = product_.columns, .y = {row}, .x = {row}, .p = {activation_->alpha}});
    }
  }

 private:
  PackedProduct product_;
  onednn::OptionalPostOp activation_;
  float* scratch_ = nullptr;
};

/// Whether oneDNN's product of two plain matrices is the one that chooses its code in each call.
bool onednn_chooses_in_each_call() {
  constexpr std::int64_t kSize = 64;
  const auto square = onednn::Layout::plain({kSize, kSize});
  // "gemm:jit" in oneDNN 2, "gemm:jit:f32" in 3.
  return onednn::matmul_alone(square, square, square).implementation().starts_with("gemm:jit");
}

}  // namespace

bool packed_product_serves() {
  static const bool serves = isa() == Isa::V3 && onednn_chooses_in_each_call();
  return serves;
}

std::unique_ptr<Kernel> packed_product(const PackedProduct& product,
                                       onednn::OptionalPostOp activation) {
  return std::make_unique<PackedProductKernel>(product, activation);
}

}  // namespace hourglass

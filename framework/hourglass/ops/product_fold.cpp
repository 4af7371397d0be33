#include <hourglass/core/cpu.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/ops/product_fold.hpp>

#include <algorithm>
#include <vector>

namespace hourglass {

extern const ProductFoldKernels kProductFoldKernels_v2;
extern const ProductFoldKernels kProductFoldKernels_v3;
extern const ProductFoldKernels kProductFoldKernels_v4;

namespace {

const ProductFoldKernels& kernels() {
  switch (isa()) {
    case Isa::V4: return kProductFoldKernels_v4;
    case Isa::V3: return kProductFoldKernels_v3;
    case Isa::V2: break;
  }
  return kProductFoldKernels_v2;
}

std::size_t whole_lines(std::int64_t floats) {
  constexpr std::size_t kLine = 64;  // no two threads write to one
  return (floats * sizeof(float) + kLine - 1) / kLine * kLine;
}

class ProductFoldKernel final : public Kernel {
 public:
  explicit ProductFoldKernel(const ProductFold& sizes) : sizes_(sizes) {}
  std::size_t scratch_bytes() const override {
    return weight_bytes() + thread_count() * row_bytes();
  }
  std::string implementation() const override { return text("product+fold:", name_of(isa())); }
  void bind(const Binding& binding) override {
    x_ = binding.input(0);
    weight_ = binding.input(1);
    y_ = binding.output(0);
    scratch_ = binding.scratch;
  }
  void run() override {
    float* packed = reinterpret_cast<float*>(scratch_);
    pack(packed);
    // Images, or bands of their rows where there are fewer than threads.
    constexpr std::int64_t kLeastRows = 8;
    const std::int64_t rows = sizes_.to_size[0];
    const std::int64_t wanted = (thread_count() + sizes_.batch - 1) / sizes_.batch;
    const std::int64_t bands = std::clamp<std::int64_t>(rows / kLeastRows, 1, wanted);
    const auto code = kernels().run;
    parallel_for(sizes_.batch * bands, 1, [&](std::int64_t begin, std::int64_t end) {
      auto* row =
          reinterpret_cast<float*>(scratch_ + weight_bytes() + thread_index() * row_bytes());
      for (std::int64_t i = begin; i < end; ++i) {
        const std::int64_t image = i / bands, band = i % bands;
        code(sizes_, x_ + image * sizes_.image_step, packed,
             y_ + image * sizes_.out * rows * sizes_.to_size[1], row, rows * band / bands,
             rows * (band + 1) / bands);
      }
    });
  }

 private:
  std::size_t weight_bytes() const { return whole_lines(sizes_.products() * sizes_.in); }
  std::size_t row_bytes() const { return whole_lines(sizes_.products() * sizes_.size[1]); }

  /// From [in, products] to [products / kLanes, in, kLanes], with zeros behind the last product.
  void pack(float* to) const {
    constexpr std::int64_t kLanes = ProductFold::kLanes;
    const std::int64_t count = sizes_.out * sizes_.kernel[0] * sizes_.kernel[1];
    for (std::int64_t lane = 0; lane < sizes_.products(); lane += kLanes) {
      const std::int64_t some = std::min(kLanes, count - lane);
      for (std::int64_t c = 0; c < sizes_.in; ++c, to += kLanes) {
        std::fill_n(std::copy_n(weight_ + c * count + lane, some, to), kLanes - some, 0.0f);
      }
    }
  }

  ProductFold sizes_;
  const float* x_ = nullptr;
  const float* weight_ = nullptr;
  float* y_ = nullptr;
  std::byte* scratch_ = nullptr;
};

}  // namespace

std::optional<ProductFold> ProductFold::fit(const onednn::Layout& x_layout, const Shape& weight,
                                            const Shape& y, const onednn::Walk& walk) {
  constexpr std::int64_t kMostOut = 3, kLeastIn = 8;
  const Shape& x = x_layout.shape();
  const int axes = y.rank() - 2;
  if (y[0] == 0 || x_layout.is_any() || weight.rank() != y.rank() || y[1] > kMostOut ||
      x[1] < kLeastIn || weight.size() == x[1] * y[1]) {
    return std::nullopt;
  }
  ProductFold sizes{.batch = y[0], .in = x[1], .out = y[1]};
  sizes.block = 0;
  for (const auto& [axis, extent, step, stride] : x_layout.memory_axes()) {
    if (axis == 0) {
      sizes.image_step = stride;
    } else if (axis == 1 && step > 1) {
      sizes.block_step = stride;
    } else if (axis == 1) {
      if (stride != 1) return std::nullopt;
      sizes.block = extent;
    } else if (step > 1 || (axis + 1 < y.rank() && sizes.row_step != 0)) {
      return std::nullopt;  // a spatial axis in blocks
    } else {
      (axis + 1 == y.rank() ? sizes.pixel_step : sizes.row_step) = stride;
    }
  }
  for (int axis = 0; axis < axes; ++axis) {
    const int at = axis + 2 - axes;
    sizes.size[at] = x[axis + 2];
    sizes.to_size[at] = y[axis + 2];
    sizes.kernel[at] = weight[axis + 2];
    sizes.stride[at] = walk.stride[axis];
    sizes.dilation[at] = walk.dilation[axis];
    sizes.before[at] = walk.before[axis];
  }
  return sizes;
}

std::unique_ptr<Kernel> product_fold(const ProductFold& sizes) {
  return std::make_unique<ProductFoldKernel>(sizes);
}

}  // namespace hourglass

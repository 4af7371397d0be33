#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/graph/sweep_kernels.hpp>
#include <hourglass/onednn/layout.hpp>
#include <hourglass/ops/fold.hpp>
#include <hourglass/ops/reshape.hpp>

#include <algorithm>
#include <cstring>
#include <limits>

namespace hourglass {

namespace {

/// One pass: [outer, folded, inner] -> [outer, inner].
struct Pass {
  std::int64_t outer, folded, inner;
};

/// A loop over memory, and whether it is folded.
struct FoldedAxis {
  std::int64_t extent;
  bool folded;
};

/// Folds runs of neighbouring loops, the last run first; in between, results stand in scratch.
class FoldKernel final : public Kernel {
 public:
  FoldKernel(Fold fold, float scale, std::vector<FoldedAxis> left) : fold_(fold), scale_(scale) {
    for (std::size_t end = left.size(); end > 0; --end) {
      if (!left[end - 1].folded) continue;
      std::size_t begin = end;
      while (begin > 0 && left[begin - 1].folded) --begin;
      Pass pass{1, 1, 1};
      for (std::size_t i = 0; i < left.size(); ++i) {
        (i < begin ? pass.outer : i < end ? pass.folded : pass.inner) *= left[i].extent;
      }
      left.erase(left.begin() + begin, left.begin() + end);
      passes_.push_back(pass);
      end = begin + 1;
    }
  }

  std::string implementation() const override { return "fold"; }
  std::size_t scratch_bytes() const override { return 2 * half() * sizeof(float); }
  void bind(const Binding& binding) override {
    x_ = binding.input(0);
    y_ = binding.output(0);
    scratch_ = reinterpret_cast<float*>(binding.scratch);
  }
  void run() override {
    const float* from = x_;
    for (std::size_t i = 0; i < passes_.size(); ++i) {
      const bool last = i + 1 == passes_.size();
      float* to = last ? y_ : scratch_ + i % 2 * half();
      run(passes_[i], from, to, last ? scale_ : 1.0f);
      from = to;
    }
  }

 private:
  /// Room for the largest intermediate result.
  std::size_t half() const {
    std::int64_t most = 0;
    for (std::size_t i = 0; i + 1 < passes_.size(); ++i) {
      most = std::max(most, passes_[i].outer * passes_[i].inner);
    }
    return static_cast<std::size_t>(most);
  }

  void run(const Pass& pass, const float* x, float* y, float scale) const {
    // Ranges of columns are split, not rows, so that sums do not depend on the team.
    constexpr std::int64_t kColumns = 256;
    const VectorKernels& vector = vector_kernels();
    const bool sum = fold_ == Fold::Sum;
    const float start = sum ? 0.0f : -std::numeric_limits<float>::infinity();
    if (pass.inner == 1) {
      parallel_for(
          pass.outer, std::max<std::int64_t>(16384 / std::max<std::int64_t>(pass.folded, 1), 1),
          [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t row = begin; row < end; ++row) {
              const float* from = x + row * pass.folded;
              y[row] =
                  scale * (sum ? vector.sum(from, pass.folded) : vector.maximum(from, pass.folded));
            }
          });
      return;
    }
    const std::int64_t blocks = (pass.inner + kColumns - 1) / kColumns;
    const std::int64_t grain =
        std::max<std::int64_t>(16384 / std::max<std::int64_t>(pass.folded * kColumns, 1), 1);
    parallel_for(pass.outer * blocks, grain, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t unit = begin; unit < end; ++unit) {
        const std::int64_t row = unit / blocks, first = unit % blocks * kColumns;
        const std::int64_t n = std::min(kColumns, pass.inner - first);
        float* to = y + row * pass.inner + first;
        vector.fill(to, start, n);
        const float* from = x + row * pass.folded * pass.inner + first;
        for (std::int64_t k = 0; k < pass.folded; ++k, from += pass.inner) {
          (sum ? vector.accumulate : vector.accumulate_maximum)(to, from, n);
        }
        if (scale != 1.0f) {
          for (std::int64_t k = 0; k < n; ++k) to[k] *= scale;
        }
      }
    });
  }

  Fold fold_;
  float scale_;
  std::vector<Pass> passes_;
  const float* x_ = nullptr;
  float* y_ = nullptr;
  float* scratch_ = nullptr;
};

/// Whether channels are kept of images that lie in blocks of these, or plain, wherever they come
/// from. Where they could lie otherwise, a sweep might put them in order for the fold's sake.
bool is_of_channels(const Shape& shape, const std::vector<int>& axes) {
  if (shape.rank() < 3 || static_cast<int>(axes.size()) != shape.rank() - 1) return false;
  return std::ranges::find(axes, 1) == axes.end() && !onednn::Layout::image(shape).is_any();
}

}  // namespace

AxisFold::AxisFold(Fold fold, float scale, const Shape& shape, std::vector<int> axes)
    : fold_(fold), scale_(scale), axes_(std::move(axes)) {
  const int count = static_cast<int>(axes_.size());
  if (count == 0) return;
  if (axes_.front() == shape.rank() - count || is_of_channels(shape, axes_)) swept_ = axes_;
}

std::string AxisFold::attributes() const {
  std::string out = "axes";
  for (int axis : axes_) out += text(" ", axis);
  return out;
}

std::unique_ptr<Kernel> AxisFold::lower(Lowering& lowering) const {
  // Memory is folded as it lies where what is left then lies plain.
  onednn::Layout layout = lowering.input_layout(0);
  if (layout.is_any() || layout.is_padded() || !keeps_order(layout)) {
    layout = onednn::Layout::plain(lowering.input_shape(0));
  }
  lowering.want(0, layout);
  std::vector<FoldedAxis> loops;
  for (const onednn::MemoryAxis& each : layout.memory_axes()) {
    loops.push_back({each.extent, folds(each.axis)});
  }
  return std::make_unique<FoldKernel>(fold_, scale_, std::move(loops));
}

bool AxisFold::folds(int axis) const { return std::ranges::find(axes_, axis) != axes_.end(); }

bool AxisFold::keeps_order(const onednn::Layout& layout) const {
  int last_axis = -1;
  std::int64_t last_step = 0;
  for (const onednn::MemoryAxis& each : layout.memory_axes()) {
    if (folds(each.axis) || each.extent == 1) continue;
    if (each.axis < last_axis || (each.axis == last_axis && each.step > last_step)) return false;
    last_axis = each.axis;
    last_step = each.step;
  }
  return true;
}

Value AxisFold::unfolded(Value gradient, const Shape& shape) const {
  Shape kept = shape;
  for (int axis : axes_) kept = kept.with(axis, 1);
  return reshape(gradient, kept);
}

std::vector<int> normalised_axes(const Shape& shape, std::span<const int> axes, const char* name) {
  std::vector<int> result;
  for (int axis : axes) result.push_back(shape.axis(axis, name));
  if (axes.empty()) {
    for (int axis = 0; axis < shape.rank(); ++axis) result.push_back(axis);
  }
  std::ranges::sort(result);
  if (std::ranges::adjacent_find(result) != result.end()) {
    throw ShapeError(text("[", name, "] an axis of ", shape.to_text(), " is named twice"));
  }
  return result;
}

Shape folded_shape(const Shape& shape, const std::vector<int>& axes) {
  Shape result = shape;
  for (std::size_t i = axes.size(); i-- > 0;) result = result.without(axes[i]);
  return result;
}

}  // namespace hourglass
